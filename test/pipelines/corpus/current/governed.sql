CREATE OR REFRESH STREAMING TABLE patients (
  id BIGINT,
  name STRING MASK hospital.rules.initials,
  insurance STRING MASK hospital.rules.only_for USING COLUMNS (ward, 'billing'),
  ward STRING
)
COMMENT 'Seen by their ward only'
WITH ROW FILTER hospital.rules.own_ward ON (ward)
AS SELECT id, name, insurance, ward FROM STREAM(hospital.raw.patients);
