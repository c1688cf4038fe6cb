/* desk.js: what makes pages nicer where scripts run. Every page does all of its work without it; nothing here decides
 * anything about orders. An element asks for behaviours by name, `data-does="NAME ..."`, and gives them what they need in
 * further data-attributes. A behaviour is one function in the table below: it gets its element once, also when the
 * element came later (enhance(part) after a part of a page was put in), and a broken one leaves the others alone.
 * No framework, nothing from elsewhere, no inline styles (the Content-Security-Policy forbids both). */
(() => {
	'use strict';

	/* Says `text` to screen readers, politely, without moving the focus. */
	let speaker;
	const say = (text) => {
		if (!speaker) {
			speaker = document.createElement('p');
			speaker.className = 'unseen';
			speaker.setAttribute('role', 'status');
			document.body.append(speaker);
		}
		speaker.textContent = '';
		setTimeout(() => { speaker.textContent = text; }, 50);
	};

	/* ---- order-form: the product is picked while one types (WAI-ARIA combobox with a listbox) ------------------------
	 * <form data-does="order-form" data-products="URL of products.json">, with #product in #product-part. What is picked
	 * or looked for goes through the form's own buttons ('find', 'pick:CODE'), and the part of their answer takes the
	 * place of the part here: there is one way to show a product, the server's. Where anything fails, the form is sent as
	 * it would be without scripts. */
	const order_form = (form, { say, enhance }) => {
		const part = () => form.querySelector('#product-part');
		const is_step = (button) => button?.name === 'action' && /^(find$|pick:)/.test(button.value);
		const values = () => new Map([...new FormData(form)].filter(([, value]) => typeof value === 'string'));
		// The latest step, and whether its answer is awaited: meanwhile nothing is placed, least of all another product.
		let is_plain = false, is_leaving = false, number = 0, is_awaited = false;

		const send_plainly = (action) => {
			const button = document.createElement('button');
			Object.assign(button, { name: 'action', value: action, className: 'unseen' });
			form.append(button);
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
			const input = part().querySelector('#product'), list = document.createElement('ul');
			const picked = part().querySelector('.picked') && input.value.trim();
			let options = [], at = -1, timer, asked = 0, is_off = false;

			list.className = 'popup';
			list.id = 'product-list';
			list.hidden = true;
			list.setAttribute('role', 'listbox');
			list.setAttribute('aria-label', 'Products');
			input.after(list);
			for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', list.id]])
				input.setAttribute(name, value);

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
				const line = document.createElement('li'), name = document.createElement('span'), more = document.createElement('span');
				line.setAttribute('role', 'option');
				line.setAttribute('aria-selected', 'false');
				line.id = `product-option-${i}`;
				line.dataset.code = product.code;
				name.className = 'name';
				name.textContent = product.name;
				more.className = 'more';
				more.textContent = product.line;
				line.append(name, ' ', more);
				line.addEventListener('click', () => pick(line));
				return line;
			};
			const nothing = () => {
				const line = document.createElement('li');
				line.setAttribute('role', 'option');
				line.setAttribute('aria-disabled', 'true');
				line.textContent = 'Nothing found. Try fewer words or another spelling.';
				return line;
			};
			const show = (products) => {
				options = products.map(line_of);
				list.replaceChildren(...(options.length ? options : [nothing()]));
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
					for (const name of ['role', 'aria-autocomplete', 'aria-expanded', 'aria-controls']) input.removeAttribute(name);
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

	/* A page that waits comes again by itself, as it does without scripts; one with [data-polls] asks in a quieter way. */
	const refresh = (body) => {
		if (!document.querySelector('[data-polls]')) setTimeout(() => location.reload(), body.dataset.seconds * 1000);
	};

	const behaviours = {
		refresh,
		'order-form': order_form,
	};

	const done = new WeakMap();
	const enhance = (part) => {
		for (const element of [part, ...part.querySelectorAll('[data-does]')]) {
			for (const name of (element.dataset?.does ?? '').split(' ')) {
				const names = done.get(element) ?? done.set(element, new Set()).get(element);
				if (!Object.hasOwn(behaviours, name) || names.has(name)) continue;
				names.add(name);
				try {
					behaviours[name](element, { say, enhance });
				} catch (error) {
					console.error(`data-does="${name}"`, error);
				}
			}
		}
	};

	enhance(document);
})();
