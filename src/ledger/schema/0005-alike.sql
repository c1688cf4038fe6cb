-- 0005: the links that a person ordered of one product and value, so that the same ordered twice is seen beforehand.
-- Those sent to a recipient have orders_of_recipient.

CREATE INDEX orders_alike ON orders (placed_by, product_code, face_minor, placed_at_ms)
	WHERE distribution = 'PAYOUT_LINK';
