/* desk.js: what makes pages nicer where scripts run. Every page does all of its work without it; nothing here decides
 * anything about orders. An element asks for behaviours by name, `data-does="NAME ..."`, and gives them what they need in
 * further data-attributes. A behaviour is one function in the table below: it gets its element once, also when the
 * element came later (enhance(part) after a part was put in), and a broken one leaves the others alone.
 * A module: strict, deferred, its names its own. No framework, no inline styles (the CSP forbids them). */
const put_on = (element, attributes) => {
	for (const attribute of Object.entries(attributes)) element.setAttribute(...attribute);
};
const make = (name, attributes, ...inside) => {
	const element = document.createElement(name);
	put_on(element, attributes);
	element.append(...inside);
	return element;
};

/* Says `text` to screen readers, politely, without moving the focus. */
let speaker;
const say = (text) => {
	if (!speaker) document.body.append(speaker = make('p', { class: 'unseen', role: 'status' }));
	speaker.textContent = '';
	setTimeout(() => { speaker.textContent = text; }, 50);
};

/* ---- order-form: the product is picked while one types (WAI-ARIA combobox with a listbox) ------------------------
 * <form data-does="order-form" data-products="URL of products.json">, with #product in #product-part. What is picked
 * or looked for goes through the form's own buttons ('find', 'pick:CODE'), and the part of their answer takes the
 * place of the part here. Where anything fails, the form is sent as without scripts. */
const COMBOBOX = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'product-list' };
const order_form = (form) => {
	const part = () => form.querySelector('#product-part');
	const is_step = (button) => button?.name === 'action' && /^(find$|pick:)/.test(button.value);
	const values = () => new Map([...new FormData(form)].filter(([, value]) => typeof value === 'string'));
	// The latest step; while its answer is awaited nothing is placed, least of all another product.
	let is_plain = false, is_leaving = false, number = 0, is_awaited = false;

	const send_plainly = (action) => {
		const button = form.appendChild(make('button', { name: 'action', value: action, class: 'unseen' }));
		is_plain = true;
		form.requestSubmit(button);
	};

	const step = async (action, words) => {
		const before = values(), body = new URLSearchParams([...before]), mine = ++number;
		body.set('action', action);
		is_awaited = true;
		part().setAttribute('aria-busy', 'true');
		try {
			// its buttons are named 'action', so form.action is one of them
			const answer = await fetch(form.getAttribute('action'), { method: 'POST', body });
			const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#product-part');
			if (mine !== number || is_leaving) return;
			if (!answer.ok || !fresh) throw new Error(`${answer.status}`);
			const now = values();
			part().replaceWith(fresh);
			for (const field of fresh.querySelectorAll('input[type=text]')) // typed while the answer was on its way
				if (field.id !== 'product' && now.get(field.name) !== before.get(field.name)) field.value = now.get(field.name) ?? '';
			watch();
			enhance(fresh);
			(fresh.querySelector('[autofocus]') ?? fresh.querySelector('#product')).focus();
			say(words ?? fresh.querySelector('#found, .seek ~ [role=status]')?.textContent ?? '');
		} catch {
			if (mine === number && !is_leaving) send_plainly(action);
		} finally {
			if (mine === number) is_awaited = false;
		}
	};

	form.addEventListener('submit', (event) => {
		if (is_plain || (!is_awaited && !is_step(event.submitter))) return;
		event.preventDefault();
		event.stopImmediatePropagation();
		if (!is_step(event.submitter)) return say('One moment: the product is being looked up. Then press again.');
		step(event.submitter.value, event.submitter.querySelector('.name')?.textContent);
	}, true);

	// A key that is held down was meant for what it was pressed on.
	form.addEventListener('keydown', (event) => {
		if (event.key !== 'Enter' || !(event.repeat || is_awaited)) return;
		event.preventDefault();
		event.stopPropagation();
	}, true);
	addEventListener('beforeunload', () => { is_leaving = true; });
	addEventListener('pageshow', () => { is_leaving = is_plain = false; });

	const watch = () => {
		const input = part().querySelector('#product');
		const list = make('ul', { class: 'popup', id: 'product-list', role: 'listbox', 'aria-label': 'Products' });
		const picked = part().querySelector('.picked') && input.value.trim();
		let options = [], at = -1, timer, asked = 0, is_off = false;

		list.hidden = true;
		input.after(list);
		put_on(input, COMBOBOX);

		const move = (to) => {
			options[at]?.setAttribute('aria-selected', 'false');
			at = options.length ? (to + options.length) % options.length : -1;
			options[at]?.setAttribute('aria-selected', 'true');
			options[at]?.scrollIntoView({ block: 'nearest' });
			if (at >= 0) input.setAttribute('aria-activedescendant', options[at].id);
			else input.removeAttribute('aria-activedescendant');
		};
		const close = () => {
			clearTimeout(timer);
			asked++;
			list.hidden = true;
			input.setAttribute('aria-expanded', 'false');
			options = [];
			move(-1);
		};
		const pick = (option) => {
			close();
			step(`pick:${option.dataset.code}`, `${option.firstChild.textContent}: chosen`);
		};
		const line_of = (product, i) => {
			const line = make('li', { role: 'option', 'aria-selected': 'false', id: `product-option-${i}`, 'data-code': product.code },
				make('span', { class: 'name' }, product.name), ' ', make('span', { class: 'more' }, product.line));
			line.addEventListener('click', () => pick(line));
			return line;
		};
		const show = (products) => {
			options = products.map(line_of);
			list.replaceChildren(...options);
			if (!options.length) list.append(make('li', { role: 'option', 'aria-disabled': 'true' }, 'Nothing found. Try fewer words or another spelling.'));
			list.hidden = false;
			input.setAttribute('aria-expanded', 'true');
			move(0);
			say(products.length === 1 ? '1 product' : products.length ? `${products.length} products` : list.textContent);
		};
		const ask = async () => {
			const number = ++asked, typed = input.value.trim();
			try {
				const answer = await fetch(`${form.dataset.products}?q=${encodeURIComponent(typed)}`);
				if (!answer.ok) throw new Error(`${answer.status}`);
				const { products } = await answer.json();
				if (number !== asked || document.activeElement !== input) return;
				if (products.length || typed) show(products);
				else close();
			} catch { // 'Find' does it from now on
				close();
				is_off = true;
				for (const name of Object.keys(COMBOBOX)) input.removeAttribute(name);
			}
		};

		input.addEventListener('input', () => {
			part().querySelector('.picked')?.toggleAttribute('hidden', input.value.trim() !== picked);
			clearTimeout(timer);
			asked++;
			if (!is_off) timer = setTimeout(ask, 120);
		});
		input.addEventListener('blur', close);
		list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
		input.addEventListener('keydown', (event) => {
			const is_open = !list.hidden;
			if (event.isComposing || is_off) return;
			if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
				event.preventDefault();
				if (event.altKey && event.key === 'ArrowUp') close();
				else if (is_open) move(at + (event.key === 'ArrowDown' ? 1 : -1));
				else ask();
			} else if (event.key === 'Escape' && is_open) {
				event.preventDefault();
				close();
			} else if (event.key === 'Enter' && is_open && at >= 0) {
				event.preventDefault();
				pick(options[at]);
			} else if (event.key === 'Enter' && input.value.trim() && input.value.trim() !== picked) {
				event.preventDefault();
				close();
				step('find');
			}
		});
	};
	watch();
};

/* once: a form is sent once; its button shows that it works. */
const once = (form) => {
	let button;
	form.addEventListener('submit', (event) => {
		if (button) return event.preventDefault();
		(button = event.submitter).ariaBusy = true;
	});
	addEventListener('pageshow', () => { button = button?.removeAttribute('aria-busy'); });
};

/* ---- wait: <section data-does="wait" data-json="URL of ID.json" data-seen="what it said">: an outcome that is awaited
 * Small polls, ever more seldom; at a difference the page is fetched, and what changed in it is put in place, with
 * scroll, focus and what was opened as they were. Without [data-json] the page itself is asked. */
const get = async (address) => {
	const answer = await fetch(address, { signal: AbortSignal.timeout(10000) });
	if (!answer.ok) throw new Error(`${answer.status}`);
	return answer;
};
const parts_of = (main) => {
	const parts = new Map();
	for (const part of main.children) {
		let name = part.getAttribute('aria-labelledby') ?? part.className;
		while (parts.has(name)) name += '+';
		parts.set(name, part);
	}
	return parts;
};
const plain = (part) => { // without what differs each time
	const copy = part.cloneNode(true);
	for (const one of copy.querySelectorAll('[name=token], .elapsed')) one.remove();
	return copy.outerHTML;
};
const all_plain = (parts) => new Map([...parts].map(([name, part]) => [name, plain(part)]));
let served;

const put = (page) => {
	const main = document.querySelector('main'), olds = parts_of(main), news = parts_of(page.querySelector('main')), now = all_plain(news);
	const kept = (name) => olds.has(name) && served.get(name) === now.get(name), at = document.activeElement, was_in = main.contains(at);
	const words = (name) => main.querySelector(name)?.textContent.trim() ?? '', told = () => [`${words('.headline')} ${words('.money')}`, words('p[role=status]')], before = told();
	const near = scrollY && [...main.querySelectorAll('[id]')].find((one) => one.getBoundingClientRect().bottom > 0);
	const top_of = (one) => one.getBoundingClientRect().top, top = near && top_of(near);
	let next = null;

	for (const [name, old] of olds) if (!kept(name)) old.remove();
	for (const [name, part] of [...news].reverse()) {
		if (!kept(name)) {
			part.open = olds.get(name)?.open;
			main.insertBefore(part, next);
			enhance(part);
		}
		next = kept(name) ? olds.get(name) : part;
	}
	served = now;
	if (was_in && !at.isConnected)
		([...main.querySelectorAll(at.localName)].find((one) => one.textContent === at.textContent) ?? main.querySelector('.outcome')).focus({ preventScroll: true });
	if (near) scrollBy(0, top_of(document.getElementById(near.id) ?? main) - top);
	const news_told = told().filter((one, i) => one && one !== before[i]);
	if (news_told.length) say(news_told.join(' '));
};

const span = (s) => (s < 120 ? `${Math.floor(s)} s` : s < 7200 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`);

const wait = (part) => {
	const elapsed = part.querySelector('.elapsed'), trouble = part.querySelector('.trouble'), began = Date.now() - 1000 * elapsed?.dataset.waited;
	const { json, seen } = part.dataset;
	let pause, failures = 0, renewed = Date.now(), timer, is_asking;

	served ??= all_plain(parts_of(document.querySelector('main')));
	const look = async () => {
		is_asking = true;
		try {
			const order = json && await (await get(json)).json();
			if (!order || `${order.status} ${order.money_moved} ${order.attempts}` !== seen || Date.now() - renewed > 30000) {
				const page = new DOMParser().parseFromString(await (await get(`?live=1${location.search.replace('?', '&')}`)).text(), 'text/html');
				renewed = Date.now();
				if (part.isConnected) put(page);
			}
			failures = 0;
		} catch {
			failures++;
		}
		is_asking = false;
		go_on();
	};
	const go_on = () => {
		clearTimeout(timer);
		if (!part.isConnected || document.hidden || is_asking) return;
		trouble.hidden = failures < 3;
		if (failures < 3) timer = setTimeout(look, 1000 * Math.min(pause++, 10));
		else say(trouble.firstChild.data);
	};
	const begin = () => {
		pause = 1;
		go_on();
	};
	trouble.querySelector('button').addEventListener('click', () => {
		part.focus();
		failures = 0;
		begin();
	});
	document.addEventListener('visibilitychange', begin);
	if (elapsed) setInterval(() => { elapsed.textContent = span((Date.now() - began) / 1000); }, 1000);
	begin();
};

/* copy: <button data-does="copy" data-from="#ID" data-said="words" hidden> copies that element's text. */
const copy = (button) => {
	const from = document.querySelector(button.dataset.from), text = from.value ?? from.textContent, words = button.textContent;
	button.hidden = false;
	button.addEventListener('click', async () => {
		from.select ? from.select() : getSelection().selectAllChildren(from);
		// a page that is not on https has no clipboard
		const is_done = await navigator.clipboard?.writeText(text).then(() => true, () => false) ?? document.execCommand('copy');
		button.textContent = is_done ? 'Copied' : 'Press Ctrl and C';
		say(is_done ? button.dataset.said : button.textContent);
		setTimeout(() => { button.textContent = words; }, 3000);
	});
};

/* times: '2026-11-23 09:00:00 UTC' as served (in lists '2026-11-23 09:00') in the person's own zone; a switch leads back. */
const in_zone = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'long' }), in_utc = new WeakMap();
let is_utc = false;
try { is_utc = localStorage.times === 'utc'; } catch { /* nothing is remembered */ }
const show_times = (part) => {
	for (const time of part.querySelectorAll('time')) {
		const utc = in_utc.get(time) ?? time.textContent;
		if (!/^\d{4}-\d\d-\d\d \d\d:\d\d/.test(utc)) continue; // words, like 'a minute ago'
		in_utc.set(time, utc);
		time.textContent = is_utc ? utc : in_zone.format(new Date(time.dateTime)).slice(0, utc.endsWith('C') ? 99 : utc.length);
	}
};
const times = (line) => {
	const words = make('span', {}), button = make('button', { type: 'button', class: 'quiet-button' });
	const show = () => {
		words.textContent = is_utc ? 'Times are in UTC.' : `Times are in your time zone, ${in_zone.resolvedOptions().timeZone}.`;
		button.textContent = is_utc ? 'Times in my time zone' : 'Times in UTC';
		show_times(document);
	};
	button.addEventListener('click', () => {
		is_utc = !is_utc;
		try { localStorage.times = is_utc ? 'utc' : 'own'; } catch { /* for this page only */ }
		show();
		say(words.textContent);
	});
	line.replaceChildren(words, ' ', button);
	show();
};

const behaviours = {
	copy,
	once,
	times,
	wait,
	'order-form': order_form,
};

const done = new WeakSet();
const enhance = (part) => {
	for (const element of [part, ...part.querySelectorAll('[data-does]')]) {
		if (!element.dataset?.does || done.has(element)) continue;
		done.add(element);
		for (const name of element.dataset.does.split(' ')) {
			try {
				behaviours[name](element);
			} catch (error) {
				console.error(`data-does="${name}"`, error);
			}
		}
	}
	show_times(part);
};

enhance(document);
