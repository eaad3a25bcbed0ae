/* A comment with ; and 'quotes' and ${no_key}
   over two lines */
CREATE OR REFRESH MATERIALIZED VIEW `odd name` COMMENT 'semi;colon -- not a comment' AS
SELECT 'it''s' AS `a.b`, "double ; quoted" AS `select`, r'\d+' AS pattern -- ; here
;;

CREATE OR REFRESH MATERIALIZED VIEW unicode AS SELECT 'naïve – 東京' AS `größe`;
