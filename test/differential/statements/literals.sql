-- Literals, escapes, names of unaliased columns.
--@ L: 1 | -1 | +1 | 0 | 007 | 2147483647 | 2147483648 | -2147483648 | 9223372036854775807 | 9223372036854775808 | -9223372036854775808 | 10Y | -128Y | 300S | 5L | 123456789012345678901234567890 | 1234567890123456789012345678901234567890
SELECT {L};
--@ L: 1.0 | .5 | 5. | 1.50 | -0.0 | 1e3 | 1E3 | 1.5e-3 | 1e400 | 1D | 1.5d | 2F | 1.25f | 1BD | 1.10bd | 12345.6789BD | 1e3BD | 0.000 | 1e-10BD | 00.10 | 99999999999999999999999999999999999999.9
SELECT {L};
--@ L: 'a' | "a" | 'it''s' | 'it\'s' | "say ""hi""" | 'a\nb' | 'a\tb' | 'a\\b' | '\u0041' | '\U0001F600' | '\101' | '\x' | '\%' | '\_' | '\0' | r'a\nb' | R"a\b" | '' | 'a' 'b' | "a" 'b'
SELECT {L};
--@ L: X'1F' | x'' | X'ABC' | X'deadBEEF' | X'0G'
SELECT {L};
--@ L: TRUE | false | NULL | null
SELECT {L};
--@ L: DATE'2024-02-29' | DATE '2024-1-5' | DATE'2023-02-29' | DATE'2024' | DATE'2024-05' | DATE'-0001-01-01' | DATE'10000-01-01' | DATE'x' | date'2024-01-01T12'
SELECT {L};
--@ L: TIMESTAMP'2024-02-29 12:34:56' | TIMESTAMP'2024-02-29 12:34:56.123456' | TIMESTAMP'2024-02-29' | TIMESTAMP'2024-02-29T12:34:56Z' | TIMESTAMP'2024-02-29 12:34:56+02:00' | TIMESTAMP'2024-02-29 12:34:56 Europe/Berlin' | TIMESTAMP'2024-02-29 25:00:00' | TIMESTAMP_NTZ'2024-02-29 12:34:56' | TIMESTAMP_LTZ'2024-02-29 12:34:56' | TIMESTAMP_NTZ'2024-02-29 12:34:56Z' | TIMESTAMP'2024-02-29 12:34:56.1234567' | TIMESTAMP'12:34'
SELECT {L};
--@ L: INTERVAL 1 DAY | INTERVAL '1' DAY | INTERVAL -1 DAY | INTERVAL '-1' DAY | -INTERVAL 1 DAY | INTERVAL 1 YEAR | INTERVAL '1-2' YEAR TO MONTH | INTERVAL '1 02:03:04.567' DAY TO SECOND | INTERVAL '02:03' HOUR TO MINUTE | INTERVAL 1 WEEK | INTERVAL 3 MONTHS 2 DAYS | INTERVAL 1 YEAR 2 MONTHS | INTERVAL 1 DAY 2 HOURS | INTERVAL '10' SECOND | INTERVAL 1.5 SECOND | INTERVAL '1 day 2 hours' | INTERVAL 100 MILLISECONDS | INTERVAL 5 MICROSECONDS | INTERVAL '1-13' YEAR TO MONTH | INTERVAL '1' FORTNIGHT | INTERVAL '5 10' DAY TO HOUR | INTERVAL '5 10:11' DAY TO MINUTE | INTERVAL '10:11:12' HOUR TO SECOND | INTERVAL '11:12' MINUTE TO SECOND
SELECT {L};
--@ L: array(1, 2, 3) | array() | array(1, NULL) | array(1, 2.5) | array('a', 1) | array(array(1), array()) | map('a', 1) | map() | map(1, 'x', 2, NULL) | map('a') | named_struct('a', 1, 'b', 'x') | struct(1, 'a') | struct(1 AS x, 2 AS y) | (1, 2) | (1) | (1, 'a', NULL) | map('a', 1, 'a', 2) | map(NULL, 1) | array(map('k', array(1)))
SELECT {L};
SELECT 1 AS a, 2 b, 3 AS `weird name`, 4 AS `a``b`;
SELECT 1 AS select, 2 AS from, 3 AS date;
SELECT 1 `a b`, 2 AS `A B`;
SELECT 'a' AS 'x';
SELECT 1 AS "x";
SELECT 1 a, 1 a;
SELECT 1, 1;
SELECT 'a' || 'b', 1 + 2, -(3), - 3, 2 * (3 + 4), NOT true, 1 = 1;
SELECT 1 + 1 AS x, x + 1;
SELECT /* comment */ 1 -- trailing
;
SELECT /* nested /* comment */ still */ 1;
SELECT 1 + /*+ not a hint */ 2;
select 1 WHERE true;
SELECT 1 WHERE false;
SELECT 1 WHERE NULL;
SELECT 1 LIMIT 0;
SELECT 1 LIMIT ALL;
SELECT DISTINCT 1;
SELECT ALL 1;
SELECT 1 FROM (SELECT 2);
SELECT (SELECT 1);
SELECT (SELECT 1 AS z);
SELECT 5 / 2, 5 % 2, 5 div 2, 5.0 / 2, 5 / 2.0D, -5 div 2, -5 % 2, 5 % -2;
--@ E: 1 / 0 | 1 % 0 | 1 div 0 | 1.0 / 0 | 1.0D / 0 | mod(1, 0) | 0 / 0 | 2147483647 + 1 | -2147483648 - 1 | 9223372036854775807 + 1 | 127Y + 1Y | 32767S + 1S | 2147483647 * 2 | - (-2147483648) | abs(-2147483648) | 1e308D * 10 | 9223372036854775807 * 9223372036854775807 | -9223372036854775808 div -1 | -128Y div -1Y
SELECT {E};
--@ E: ~5 | 5 & 3 | 5 | 5 ^ 3 | 1 << 3 | -16 >> 2 | -1 >>> 28 | 1L << 40 | 1 << 33 | 5 & 3L | 5Y & 3
SELECT {E};
--@ E: 1 = 1.0 | 1 <=> NULL | NULL <=> NULL | NULL = NULL | 'a' = 'A' | 'a' < 'b' | 'a' == 'a' | 1 != 2 | 1 <> 1 | '1' = 1 | '1.0' = 1 | 'x' = 1 | true = 'true' | true = 1 | DATE'2024-01-01' = '2024-01-01' | DATE'2024-01-01' < TIMESTAMP'2024-01-01 00:00:01' | 'NaN' = double('NaN') | double('NaN') = double('NaN') | double('NaN') > 1e308D | -0.0D = 0.0D | 1 BETWEEN 0 AND 2 | 1 NOT BETWEEN 0 AND 2 | 5 BETWEEN 6 AND 4 | NULL BETWEEN 1 AND 2 | array(1) = array(1) | struct(1, 2) < struct(1, 3) | map(1, 2) = map(1, 2)
SELECT {E};
--@ E: true AND NULL | false AND NULL | true OR NULL | false OR NULL | NOT NULL | true AND 1 | 'true' AND true | NULL IS NULL | 1 IS NOT NULL | true IS TRUE | NULL IS TRUE | NULL IS NOT FALSE | NULL IS UNKNOWN | false IS UNKNOWN | 1 IS DISTINCT FROM NULL | NULL IS NOT DISTINCT FROM NULL | ! true | true <> false
SELECT {E};
--@ E: 1 IN (1, 2) | 3 IN (1, 2) | 3 IN (1, NULL) | NULL IN (1) | 1 NOT IN (2, NULL) | 1 IN (1, NULL) | 'a' IN ('A', 'b') | 1 IN ('1', '2') | 1 IN (1.0, 2) | (1, 2) IN ((1, 2), (3, 4)) | (1, NULL) IN ((1, 2)) | struct(1, 2) IN (struct(1, 2)) | 1 IN ('x')
SELECT {E};
--@ E: 'abc' LIKE 'a%' | 'abc' LIKE 'A%' | 'abc' ILIKE 'A%' | 'abc' LIKE '_b_' | 'a%c' LIKE 'a\%c' | 'a%c' LIKE 'a!%c' ESCAPE '!' | 'abc' NOT LIKE 'b%' | NULL LIKE 'a' | 'abc' LIKE NULL | 'abc' RLIKE '^a.c$' | 'abc' REGEXP 'b' | 'abc' LIKE ANY ('x%', 'a%') | 'abc' LIKE ALL ('a%', '%c') | 'abc' LIKE SOME ('x%') | 'abc' NOT LIKE ANY ('a%', 'x%') | 'abc' NOT LIKE ALL ('x%', 'y%') | 'a\\b' LIKE 'a\\\\b' | 'abc' LIKE 'abc\\' | 'a\nb' LIKE 'a_b' | 'ABC' ILIKE ANY ('a%')
SELECT {E};
--@ E: CASE WHEN true THEN 1 END | CASE WHEN false THEN 1 END | CASE 1 WHEN 1 THEN 'one' ELSE 'other' END | CASE WHEN false THEN 1 ELSE 2.5 END | CASE NULL WHEN NULL THEN 1 ELSE 2 END | CASE 'a' WHEN 1 THEN 2 END | CASE WHEN 1 THEN 2 END | CASE WHEN true THEN 1 ELSE 'a' END | CASE WHEN true THEN DATE'2024-01-01' ELSE TIMESTAMP'2024-01-01 01:00:00' END | if(true, 1, 'x') | if(NULL, 1, 2) | nullif(1, 1) | nvl(NULL, 'x') | nvl2(NULL, 1, 2) | coalesce(NULL, NULL) | coalesce(NULL, 1, 2.5) | ifnull(NULL, DATE'2024-01-01') | iff(true, 1, 2) | decode(1, 1, 'a', 2, 'b', 'c') | decode(NULL, NULL, 'n', 'd') | CASE WHEN true THEN 1 ELSE 1/0 END | if(false, 1/0, 5) | coalesce(1, 1/0) | CASE WHEN false THEN array(1) ELSE array('a') END
SELECT {E};
