-- Quality rules of a step that is kept nowhere, in the newer form.
CREATE TEMPORARY VIEW orders_clean (
  order_id,
  amount COMMENT 'in cents',
  CONSTRAINT has_id EXPECT (order_id IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT sane_amount EXPECT (amount BETWEEN 0 AND 100000000) ON VIOLATION FAIL UPDATE
)
COMMENT 'Orders that can be counted'
AS SELECT order_id, amount FROM STREAM shop.raw.orders;

CREATE OR REFRESH STREAMING TABLE orders AS SELECT * FROM STREAM(orders_clean);

-- In the catalog, a view can't have them.
CREATE VIEW orders_public (CONSTRAINT known EXPECT (order_id > 0)) AS SELECT * FROM orders;
