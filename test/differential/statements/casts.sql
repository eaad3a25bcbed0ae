-- Casts with values at the edges, in all the ways to write one.
--@ V: '1' | ' 1 ' | '1.5' | '-1' | '+7' | '' | ' ' | 'abc' | '1e3' | '2147483648' | '0x10' | '1L' | '1_000' | '\t12\n'
--@ T: TINYINT | INT | BIGINT
SELECT CAST({V} AS {T}), TRY_CAST({V} AS {T});
--@ V: '1' | ' 1 ' | '1.5' | 'abc' | '2147483648' | '1e3' | '' | 'NaN' | 'Infinity' | '-inf' | '1d' | '1f' | '.5' | '5.' | '1e-400'
--@ T: INT | DOUBLE | FLOAT | DECIMAL(5,2) | DECIMAL(38,18)
SELECT TRY_CAST({V} AS {T});
--@ V: 'true' | 'T' | 'yes' | 'y' | '1' | 'false' | 'f' | 'no' | 'n' | '0' | 'on' | 'off' | ' TRUE ' | '' | '2'
SELECT TRY_CAST({V} AS BOOLEAN), {V} :: STRING;
--@ V: 'abc' | '2' | ''
SELECT CAST({V} AS BOOLEAN);
--@ V: '2024-02-29' | '2024-2-9' | ' 2024-02-29 ' | '2024' | '2024-05' | '2023-02-29' | '2024-02-29 10:00:00' | '2024-02-29T10:00' | '20240229' | '24-02-29' | '2024/02/29' | '-2024-01-01' | '02024-01-01' | '294247-01-10' | 'today' | 'now' | 'epoch' | '2024-02-29abc' | '2024-02-29 abc'
SELECT TRY_CAST({V} AS DATE);
--@ V: '2024-02-29' | '2024-02-29 10' | '2024-02-29 10:11' | '2024-02-29 10:11:12' | '2024-02-29 10:11:12.1' | '2024-02-29 10:11:12.123456789' | '2024-02-29T10:11:12Z' | '2024-02-29 10:11:12+01:00' | '2024-02-29 10:11:12 +1' | '2024-02-29 10:11:12 UTC+3' | '2024-02-29 10:11:12 America/New_York' | '2024-02-29 10:11:12PST' | '2024-02-29 24:00:00' | '10:11:12' | '2024-2-3 1:2:3' | '2024' | ' 2024-02-29 10:11:12 ' | '2024-02-29 10:11:12GMT+01:30' | 'bad'
SELECT TRY_CAST({V} AS TIMESTAMP), TRY_CAST({V} AS TIMESTAMP_NTZ);
--@ V: 'bad' | '2024-13-01' | ''
--@ T: DATE | TIMESTAMP | TIMESTAMP_NTZ
SELECT CAST({V} AS {T});
--@ V: 0 | 1.4 | 1.5 | -1.5 | 2.5 | 99999.995 | 1e10D | double('NaN') | double('Infinity') | float(1.1) | 128 | -129 | 3e9D | 9.3e18D | 1e20
--@ T: TINYINT | INT | BIGINT | DECIMAL(7,2) | STRING | BOOLEAN
SELECT TRY_CAST({V} AS {T});
--@ V: 1.5D | 1e10D | 1e7D | 1234567.125D | 0.001D | 1e-4D | 123456789.123D | 1e21D | 1.0E-5D | -0.0D | 100D | 3.4028235E38D | 4.9E-324D | 1.7976931348623157E308D | 0.1D + 0.2D | 1D / 3
SELECT CAST({V} AS STRING), {V};
--@ V: 0.1 | 1.1 | 1e10 | 16777217 | 3.14159265 | 1e-5 | 0.001 | 1234567 | 12345678 | 1e38
SELECT CAST({V} AS FLOAT), CAST(CAST({V} AS FLOAT) AS STRING), CAST(CAST({V} AS FLOAT) AS DOUBLE);
--@ V: 1.10BD | 0.00000001BD | 0E-10BD | 123456789.000BD | -0.50BD | 1E+5BD | 0BD
SELECT CAST({V} AS STRING), {V}, typeof({V});
--@ E: CAST(1 AS STRING) | CAST(true AS STRING) | CAST(DATE'2024-02-29' AS STRING) | CAST(TIMESTAMP'2024-02-29 10:00:00.1200' AS STRING) | CAST(TIMESTAMP'2024-02-29 10:00:00' AS DATE) | CAST(DATE'2024-02-29' AS TIMESTAMP) | CAST(DATE'2024-02-29' AS TIMESTAMP_NTZ) | CAST(TIMESTAMP_NTZ'2024-02-29 10:00:00' AS TIMESTAMP) | CAST(TIMESTAMP'2024-02-29 10:00:00' AS TIMESTAMP_NTZ) | CAST(TIMESTAMP'1970-01-02 00:00:01.5' AS BIGINT) | CAST(TIMESTAMP'1970-01-02 00:00:01.5' AS DOUBLE) | CAST(TIMESTAMP'1970-01-02 00:00:01.5' AS INT) | CAST(TIMESTAMP'1970-01-01' AS DECIMAL(20,6)) | CAST(86400 AS TIMESTAMP) | CAST(1.5 AS TIMESTAMP) | CAST(1.5D AS TIMESTAMP) | CAST(DATE'2024-01-01' AS INT) | CAST(1 AS DATE) | CAST(true AS TIMESTAMP) | CAST(X'4142' AS STRING) | CAST('AB' AS BINARY) | CAST(X'FF' AS STRING) | CAST(65 AS BINARY) | CAST(65Y AS BINARY) | CAST(256L AS BINARY) | CAST(1.5D AS BINARY) | CAST(X'01' AS INT) | CAST(INTERVAL 1 DAY AS STRING) | CAST(INTERVAL '1-2' YEAR TO MONTH AS STRING) | CAST('1' AS INTERVAL DAY) | CAST('1 02:03:04' AS INTERVAL DAY TO SECOND) | CAST('1-2' AS INTERVAL YEAR TO MONTH) | CAST('INTERVAL 1 DAY' AS INTERVAL DAY) | CAST(5 AS INTERVAL DAY) | CAST(INTERVAL 5 DAY AS INT) | CAST(INTERVAL 5 HOUR AS INTERVAL MINUTE) | CAST(INTERVAL '14' MONTH AS INTERVAL YEAR) | CAST(INTERVAL '90' SECOND AS BIGINT) | CAST(1 AS INTERVAL YEAR TO MONTH) | CAST('5' AS INTERVAL MINUTE TO SECOND)
SELECT {E};
--@ E: CAST(array(1, 2) AS ARRAY<STRING>) | CAST(array(1, NULL, 3) AS STRING) | CAST(map('a', 1) AS STRING) | CAST(named_struct('a', 1, 'b', NULL) AS STRING) | CAST(named_struct('a', 1) AS STRUCT<x: STRING>) | CAST(struct(1, 2) AS STRUCT<a: INT>) | CAST(map(1, '2') AS MAP<STRING, INT>) | CAST('[1]' AS ARRAY<INT>) | CAST(array('1', 'x') AS ARRAY<INT>) | TRY_CAST(array('1', 'x') AS ARRAY<INT>) | CAST(array(DATE'2024-01-01') AS STRING) | CAST(array('a', NULL) AS STRING) | CAST(array(named_struct('a', array(1.50))) AS STRING) | CAST(NULL AS ARRAY<INT>) | CAST(array() AS STRING) | CAST(map() AS STRING) | CAST(array(X'41') AS STRING) | CAST(array(1.0D, 1e10D) AS STRING) | CAST(1 AS ARRAY<INT>) | CAST(array(1) AS INT)
SELECT {E};
--@ E: int('5') | bigint(5.9) | string(1) | date('2024-01-01') | timestamp('2024-01-01') | boolean('true') | double('1e3') | float(1) | decimal('1.5') | decimal(10.5) | tinyint(5) | smallint('7') | binary('a') | int(NULL) | 5::STRING | '5'::INT + 1 | 1.5::INT | '2024-01-01'::DATE + 1 | -1::STRING | 'x'?::INT | (1 + 1)::DOUBLE
SELECT {E};
--@ T: TINYINT | SMALLINT | INT | BIGINT
--@ V: 127 | 128 | 32768 | 2147483648L | -9223372036854775808L
SELECT CAST({V} AS {T});
--@ T: TINYINT | INT | BIGINT
--@ V: 1e30D | double('NaN') | 99999999999999999999999BD | float('Infinity')
SELECT CAST({V} AS {T});
--@ V: 123.456 | 12345.678 | '123.456' | '12345.678' | 123.455 | -123.455 | 1e3D | 99999 | 'abc'
SELECT CAST({V} AS DECIMAL(5,2));
--@ T: DECIMAL | DECIMAL(5) | DEC(4,1) | NUMERIC(6,3) | DECIMAL(39,1) | DECIMAL(5,6) | DECIMAL(38,38) | VARCHAR(3) | CHAR(5) | CHARACTER(2) | INTEGER | LONG | SHORT | BYTE | REAL | TEXT | VOID | INTERVAL | TIMESTAMP_LTZ | VARIANT
SELECT CAST('12' AS {T}), typeof(CAST('12' AS {T}));
SELECT CAST('abcdef' AS VARCHAR(3));
SELECT CAST(1 AS nosuchtype);
SELECT CAST(1 AS ARRAY<nosuch>);
SELECT CAST(1);
SELECT CAST(1 AS);
SELECT cast(a AS INT) + 1 FROM VALUES ('1'), ('2') AS t(a);
SELECT CAST(a AS INT) FROM VALUES ('1'), ('x') AS t(a);
SELECT TRY_CAST(a AS INT) FROM VALUES ('1'), ('x') AS t(a);
SELECT CAST(a AS DATE) x, CAST(b AS STRING) y FROM VALUES ('2024-01-01', 1.50), (NULL, NULL) AS t(a, b);
--@ E: 1 + '2' | '1' + '2' | '1.5' + 1 | 'x' + 1 | 1.5 + '1' | 1L + '1' | '2' * 3 | '10' / 2 | '7' % 4 | -'5' | +'5' | 'a' || 1 | 1 || 2 | true || 'x' | DATE'2024-01-01' || '!' | 1.50 || '' | array(1) || array(2) | array(1) || 2 | X'41' || X'42' | X'41' || 'b' | NULL || 'a' | '5' > 3 | '10' > '9' | concat('a', 1, NULL) | concat(1, 2.5, true) | length(12345) | upper(1) | substring(12345, 2, 3) | abs('-5') | round('2.567', 1) | sqrt('16') | year('2024-05-06') | date_add('2024-01-01', '3') | '2024-01-05' - DATE'2024-01-01' | DATE'2024-01-01' - '2023-12-31' | sum('5') | greatest(1, '2') | greatest('a', 1) | least(1, 2.5, 3D) | 1 + true | true + true | 1 + DATE'2024-01-01' | 1 + NULL | 'a' + NULL
SELECT {E};
