"""Every example statement of Spark's built-in functions, from DESCRIBE FUNCTION EXTENDED."""

import re

# Operators and functions that a first release must have; the rest are marked "later".
LATER = set("""
aes_decrypt aes_encrypt approx_count_distinct approx_percentile approx_top_k approx_top_k_accumulate
approx_top_k_combine approx_top_k_estimate bit_get bitmap_and_agg bitmap_bit_position
bitmap_bucket_number bitmap_construct_agg bitmap_count bitmap_or_agg collate collation collations
count_min_sketch current_time from_avro from_protobuf from_xml getbit grouping grouping_id
histogram_numeric hll_sketch_agg hll_sketch_estimate hll_union hll_union_agg
input_file_block_length input_file_block_start input_file_name is_valid_utf8 is_variant_null
java_method levenshtein make_dt_interval make_interval make_time make_timestamp make_timestamp_ltz
make_timestamp_ntz make_valid_utf8 make_ym_interval monotonically_increasing_id parse_json
python_worker_logs randstr reflect schema_of_avro schema_of_variant schema_of_variant_agg
schema_of_xml sentences session_window soundex spark_partition_id time_bucket time_diff
time_from_micros time_from_millis time_from_seconds time_to_micros time_to_millis time_to_seconds
time_trunc timestamp_micros timestamp_millis timestamp_seconds to_avro to_protobuf to_time
to_timestamp to_timestamp_ltz to_timestamp_ntz to_variant_object to_xml try_aes_decrypt
try_make_interval try_parse_json try_reflect try_to_time try_to_timestamp try_validate_utf8
try_variant_get uniform unix_date unix_micros unix_millis unix_seconds validate_utf8
variant_explode variant_explode_outer variant_get window window_time
""".split())
LATER_PREFIXES = ("kll_", "theta_", "tuple_", "regr_", "st_", "vector_", "xpath")


def is_first(name):
    return name not in LATER and not name.startswith(LATER_PREFIXES)


def examples(text):
    """The statements of the Examples section: each starts with '> ' and ends with ';'."""
    part = re.search(r"Examples:\s*\n(.*?)(?=\n\s*(?:Note|Since|Arguments|Group|Deprecated):|\Z)",
                     text, re.S)
    if not part:
        return
    for m in re.finditer(r"^\s*> (.*?);\s*$", part.group(1), re.S | re.M):
        yield "\n".join(line.strip() for line in m.group(1).split("\n"))


def statements(spark):
    """Yields (id prefix, statement, extra fields)."""
    names = sorted(r[0] for r in spark.sql("SHOW SYSTEM FUNCTIONS").collect())
    for name in names:
        rows = spark.sql(f"DESCRIBE FUNCTION EXTENDED `{name}`").collect()
        for sql in examples("\n".join(r[0] for r in rows)):
            yield name, sql, {} if is_first(name) else {"later": True}
