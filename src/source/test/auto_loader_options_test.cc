// One test for each row of the options of Auto Loader, named by it (docs/reference/auto-loader.md).

#include "auto_loader_fixture.h"
#include "files/file_source.h"
#include "files/schema_log.h"

namespace tarn::source {
namespace {

TEST_F(AutoLoaderTest, format_IsTakenFromTheNamesWhereItIsMissing) {
  Land("a.json", "{\"id\":1}\n");
  ASSERT_EQ(Outcome(""), "1 batches") << said_;
  Land("b.json", "{\"id\":2}\n");
  ASSERT_EQ(Outcome(""), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"1", "2"}));
  EXPECT_EQ(Outcome("`cloudFiles.format` => 'orc'"), "UNSUPPORTED_FEATURE");
}

TEST_F(AutoLoaderTest, schemaLocation_IsManaged) {
  Land("a.json", "{\"id\":1}\n");
  ASSERT_EQ(Outcome("format => 'json', `cloudFiles.schemaLocation` => '/nowhere'"), "1 batches");
  EXPECT_FALSE(std::filesystem::exists("/nowhere"));
}

TEST_F(AutoLoaderTest, inferColumnTypes) {
  Land("a.json", "{\"id\":1,\"at\":{\"city\":\"Oslo\"}}\n");
  ASSERT_EQ(Outcome("format => 'json', inferColumnTypes => false"), "1 batches") << said_;
  EXPECT_EQ(Query("SELECT typeof(id), typeof(at), id, at FROM target"),
            Strings{"string|string|1|{\"city\":\"Oslo\"}"});
}

TEST_F(AutoLoaderTest, schemaHints) {
  Land("a.json", "{\"id\":1,\"at\":{\"n\":1},\"tags\":[1]}\n");
  ASSERT_EQ(Outcome("format => 'json', schemaHints => 'id DECIMAL(5, 2), at.n INT, tags.element "
                    "STRING, more MAP<STRING, INT>, at.m.k DATE'"),
            "1 batches")
      << said_;
  EXPECT_EQ(Query("SELECT typeof(id), typeof(at), typeof(tags), typeof(more) FROM target"),
            Strings{"decimal(5,2)|struct<n:int,m:struct<k:date>>|array<string>|map<string,int>"});
}

TEST_F(AutoLoaderTest, schemaHints_ThatAreNone) {
  Land("a.json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', schemaHints => 'id NUMBRE'"),
            "CF_INVALID_SCHEMA_HINTS_OPTION");
  EXPECT_EQ(Outcome("format => 'json', schemaHints => 'id.x INT'"),
            "CF_INVALID_SCHEMA_HINTS_OPTION");
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumns) {
  Land("a.json", "{\"id\":1}\n", 900);
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  Land("b.json", "{\"id\":2,\"name\":\"x\",\"n\":1}\n", 800);
  EXPECT_EQ(Outcome("format => 'json'"), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_NE(said_.find("n, name"), said_.npos) << said_;
  EXPECT_EQ(Rows("id"), Strings{"1"});
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, name, n, _rescued_data"), (Strings{"1|NULL|NULL|NULL", "2|x|1|NULL"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumns_InTheMiddleOfARun) {
  Land("a.csv", "id,v\n1,x\n", 900);
  Land("b.csv", "v,id,w\ny,2,z\n", 800);
  Land("c.csv", "id\n3\n", 700);
  const std::string options = "format => 'csv', maxFilesPerTrigger => 1";
  // Both are in the first sample.
  ASSERT_EQ(Outcome(options), "3 batches") << said_;
  Land("d.csv", "id,v\n4,x\n", 600);
  Land("e.csv", "id,u\n5,new\n", 500);
  Land("f.csv", "id,v\n6,x\n", 400);
  EXPECT_EQ(Outcome(options), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(Rows("id"), (Strings{"1", "2", "3", "4"}));
  ASSERT_EQ(Outcome(options), "2 batches") << said_;
  EXPECT_EQ(Rows("id, v, w, u, _rescued_data"),
            (Strings{"1|x|NULL|NULL|NULL", "2|y|z|NULL|NULL", "3|NULL|NULL|NULL|NULL",
                     "4|x|NULL|NULL|NULL", "5|NULL|NULL|new|NULL", "6|x|NULL|NULL|NULL"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumns_OfTypeThatNothingTells) {
  Land("a.json", "{\"id\":1}\n", 900);
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  Land("b.json", "{\"id\":2,\"empty\":{}}\n", 800);
  EXPECT_EQ(Outcome("format => 'json'"), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, empty"), (Strings{"1|NULL", "2|{}"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumns_OfParquet) {
  LandParquet("a.parquet", "SELECT 1 AS id");
  ASSERT_EQ(Outcome("format => 'parquet'"), "1 batches") << said_;
  LandParquet("b.parquet", "SELECT 2 AS id");
  LandParquet("c.parquet", "SELECT 3 AS id, 'x' AS name");
  EXPECT_EQ(Outcome("format => 'parquet'"), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(Rows("id"), Strings{"1"});
  ASSERT_EQ(Outcome("format => 'parquet'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, name"), (Strings{"1|NULL", "2|NULL", "3|x"}));
}

TEST_F(AutoLoaderTest, mergeSchema) {
  LandParquet("a.parquet", "SELECT 1 AS id");
  LandParquet("b.parquet", "SELECT 2 AS id, 'x' AS name");
  const std::string files = "read_files('" + landing_ + "', format => 'parquet'";
  EXPECT_EQ(Query("SELECT id, name FROM " + files + ") ORDER BY id"), (Strings{"1|NULL", "2|x"}));
  EXPECT_EQ(Query("SELECT * EXCEPT (_rescued_data) FROM " + files +
                  ", mergeSchema => false) ORDER BY id"),
            (Strings{"1", "2"}));
}

TEST_F(AutoLoaderTest, readerCaseSensitive) {
  Land("a.json", "{\"ID\":1}\n");
  const std::string files =
      "SELECT * FROM read_files('" + landing_ + "', format => 'json', schema => 'id BIGINT'";
  EXPECT_EQ(Query(files + ")"), Strings{"NULL"});
  EXPECT_EQ(Query(files + ", readerCaseSensitive => false)"), Strings{"1"});
  // A name that differs by case only is no new column.
  ASSERT_EQ(Outcome("format => 'json', schemaHints => 'id BIGINT'"), "1 batches") << said_;
}

TEST_F(AutoLoaderTest, readerCaseSensitive_OfParquetRescuesTheOtherCase) {
  LandParquet("a.parquet", "SELECT 1 AS id, 'x' AS name");
  LandParquet("b.parquet", "SELECT 2 AS ID, 'y' AS name");
  const std::string path = "file:" + landing_ + "/b.parquet";
  ASSERT_EQ(Outcome("format => 'parquet'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, name, _rescued_data", "2"),
            (Strings{"1|x|NULL", "NULL|y|{\"ID\":2,\"_file_path\":\"" + path + "\"}"}));
  EXPECT_EQ(Query("SELECT id, name, _rescued_data FROM read_files('" + landing_ +
                  "', format => 'parquet', readerCaseSensitive => false) ORDER BY 1"),
            (Strings{"1|x|NULL", "2|y|NULL"}));
}

TEST_F(AutoLoaderTest, rescuedDataColumn_OfParquetWithOtherTypes) {
  LandParquet("a.parquet", "SELECT 1 AS id, 1.5D AS price, DATE'2026-01-02' AS day");
  LandParquet("b.parquet",
              "SELECT 'two' AS id, CAST(2.5 AS FLOAT) AS price, 'never' AS day, true AS extra");
  LandParquet("c.parquet", "SELECT 3000000000L AS id, 3.5D AS price, CAST(NULL AS STRING) AS day");
  ASSERT_EQ(Outcome("format => 'parquet', schema => 'id INT, price DOUBLE, day DATE', "
                    "rescuedDataColumn => '_rest'"),
            "1 batches")
      << said_;
  const auto path = [&](const std::string& name) {
    return "\"_file_path\":\"file:" + landing_ + "/" + name + "\"}";
  };
  EXPECT_EQ(Rows("price, id, day, _rest"),
            (Strings{"1.5|1|2026-01-02|NULL",
                     "2.5|NULL|NULL|{\"id\":\"two\",\"day\":\"never\",\"extra\":true," +
                         path("b.parquet"),
                     "3.5|NULL|NULL|{\"id\":3000000000," + path("c.parquet")}));
  // What isn't asked for isn't missed, and conditions hold after the rescue.
  const std::string files = " FROM read_files('" + landing_ +
                            "', schema => 'id INT, price DOUBLE', rescuedDataColumn => 'r')";
  EXPECT_EQ(Query("SELECT count(*)" + files), Strings{"3"});
  EXPECT_EQ(Query("SELECT id" + files + " ORDER BY 1 NULLS LAST"), (Strings{"1", "NULL", "NULL"}));
  EXPECT_EQ(Query("SELECT price" + files + " WHERE r LIKE '%extra%'"), Strings{"2.5"});
  EXPECT_EQ(Query("SELECT price" + files + " WHERE r IS NOT NULL AND id IS NULL ORDER BY 1"),
            (Strings{"2.5", "3.5"}));
}

TEST_F(AutoLoaderTest, rescuedDataColumn_OfFieldsWithinParquetStructs) {
  LandParquet("a.parquet", "SELECT 1 AS id, named_struct('x', 1, 'y', 'a') AS s, array(1) AS l");
  LandParquet("b.parquet",
              "SELECT 2 AS id, named_struct('x', 'b', 'y', 'c', 'z', 7) AS s, array('q') AS l");
  LandParquet("c.parquet",
              "SELECT 3 AS id, CAST(NULL AS STRUCT<x: STRING, z: INT>) AS s, array(3) AS l");
  ASSERT_EQ(Outcome("format => 'parquet', schema => 'id INT, s STRUCT<x: INT, y: STRING>, l "
                    "ARRAY<INT>', rescuedDataColumn => '_rest'"),
            "1 batches")
      << said_;
  EXPECT_EQ(Rows("id, s, l, _rest"),
            (Strings{"1|{1, a}|[1]|NULL",
                     "2|{null, c}|NULL|{\"s\":{\"x\":\"b\",\"z\":7},\"l\":[\"q\"],"
                     "\"_file_path\":\"file:" +
                         landing_ + "/b.parquet\"}",
                     "3|NULL|[3]|NULL"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_OfParquet) {
  LandParquet("a.parquet", "SELECT 1 AS id");
  ASSERT_EQ(Outcome("format => 'parquet', schemaEvolutionMode => 'rescue'"), "1 batches") << said_;
  LandParquet("b.parquet", "SELECT 2 AS id, 'x' AS name");
  EXPECT_EQ(Outcome("format => 'parquet', schemaEvolutionMode => 'failOnNewColumns'"),
            "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  ASSERT_EQ(Outcome("format => 'parquet', schemaEvolutionMode => 'rescue'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, get_json_object(_rescued_data, '$.name')"), (Strings{"1|NULL", "2|x"}));
  LandParquet("c.parquet", "SELECT 3 AS id, 'y' AS name");
  ASSERT_EQ(Outcome("format => 'parquet', schemaEvolutionMode => 'none', schema => 'id INT'"),
            "1 batches")
      << said_;
  LandParquet("d.parquet", "SELECT 'four' AS id");
  EXPECT_EQ(Outcome("format => 'parquet', schemaEvolutionMode => 'none', schema => 'id INT'"),
            "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH");
  ASSERT_EQ(Outcome("format => 'parquet', schemaHints => 'name STRING'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, get_json_object(_rescued_data, '$.id')", "1 NULLS FIRST"),
            (Strings{"NULL|four", "1|NULL", "2|NULL", "3|NULL"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumns_OfParquetBeyondTheSample) {
  LandParquet("000.parquet", "SELECT 1 AS id");
  for (size_t i = 1; i <= FileSource::kSampleFilesMax; ++i) {
    const std::string name = std::to_string(i) + ".parquet";
    std::filesystem::copy_file(landing_ + "/000.parquet", landing_ + "/" + name);
    Age(landing_ + "/" + name, 900);
  }
  LandParquet("last.parquet", "SELECT 2 AS id, 'x' AS name");
  Age(landing_ + "/last.parquet", 800);
  const std::string options = "format => 'parquet', maxFilesPerTrigger => 2000";
  ASSERT_EQ(Outcome(options), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_EQ(Rows("count(*), count(name), count(_rescued_data)"), Strings{"1002|1|0"});
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumns_NeedsInference) {
  Land("a.json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', schema => 'id INT', schemaEvolutionMode => 'addNewColumns'"),
            "CF_ADD_NEW_NOT_SUPPORTED");
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumnsWithTypeWidening) {
  Land("a.csv", "id\n1\n", 900);
  const std::string options =
      "format => 'csv', schemaEvolutionMode => 'addNewColumnsWithTypeWidening'";
  ASSERT_EQ(Outcome(options, "CAST(id AS STRING) AS id, _rescued_data"), "1 batches") << said_;
  Land("b.csv", "id\n5000000000\n", 800);
  EXPECT_EQ(Outcome(options, "CAST(id AS STRING) AS id, _rescued_data"),
            "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_NE(said_.find("id BIGINT"), said_.npos) << said_;
  ASSERT_EQ(Outcome(options, "CAST(id AS STRING) AS id, _rescued_data"), "1 batches") << said_;
  // No wider type has both: the value is rescued.
  Land("c.csv", "id\nword\n", 700);
  ASSERT_EQ(Outcome(options, "CAST(id AS STRING) AS id, _rescued_data"), "1 batches") << said_;
  EXPECT_EQ(Rows("id, _rescued_data IS NULL", "id"),
            (Strings{"NULL|false", "1|true", "5000000000|true"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumnsWithTypeWidening_WidensTheTable) {
  clauses_.properties.push_back({.key = "delta.enableTypeWidening", .value = "true"});
  const std::string options =
      "format => 'parquet', schemaEvolutionMode => 'addNewColumnsWithTypeWidening'";
  LandParquet("a.parquet",
              "SELECT 1 AS i, 2 AS d, CAST(0.1 AS FLOAT) AS f, 1.5BD AS p, "
              "DATE'2026-01-02' AS day");
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  LandParquet("b.parquet",
              "SELECT 5000000000L AS i, 2.25BD AS d, 0.1D AS f, 123.456BD AS p, "
              "TIMESTAMP_NTZ'2026-01-03 04:05:06' AS day");
  EXPECT_EQ(Outcome(options), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(Query("SELECT count(*) FROM target"), Strings{"1"});
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  EXPECT_EQ(ColumnNames(), (Strings{"i|bigint", "d|decimal(12,2)", "f|double", "p|decimal(6,3)",
                                    "day|timestamp_ntz", "_rescued_data|string"}));
  EXPECT_EQ(Rows("i, d, p, day, _rescued_data"),
            (Strings{"1|2.00|1.500|2026-01-02 00:00:00|NULL",
                     "5000000000|2.25|123.456|2026-01-03 04:05:06|NULL"}));
  // Bounds of the old file are a float's text.
  EXPECT_EQ(Query("SELECT count(*) FROM target WHERE f > 0.1D"), Strings{"1"});
  // What was text of a wider number before is one now, nothing twice.
  LandParquet("c.parquet", "SELECT 'x' AS i, 1 AS d, 1F AS f, 1BD AS p, DATE'2026-01-04' AS day");
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_EQ(Query("SELECT i, d, f, day, get_json_object(_rescued_data, '$.i') FROM target WHERE "
                  "day > TIMESTAMP_NTZ'2026-01-04 00:00:00' - INTERVAL 1 SECOND"),
            Strings{"NULL|1.00|1.0|2026-01-04 00:00:00|x"});
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumnsWithTypeWidening_NeedsTheProperty) {
  const std::string options =
      "format => 'csv', schemaEvolutionMode => 'addNewColumnsWithTypeWidening'";
  Land("a.csv", "id\n1\n", 900);
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  Land("b.csv", "id\n5000000000\n", 800);
  EXPECT_EQ(Outcome(options), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(Outcome(options), "STREAMING_TABLE_NEEDS_FULL_REFRESH");
  EXPECT_NE(said_.find("delta.enableTypeWidening"), said_.npos) << said_;
  // It may be given later.
  clauses_.properties.push_back({.key = "delta.enableTypeWidening", .value = "true"});
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"1", "5000000000"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_addNewColumnsWithTypeWidening_SurvivesEachFault) {
  clauses_.properties.push_back({.key = "delta.enableTypeWidening", .value = "true"});
  const std::string options =
      "format => 'csv', schemaEvolutionMode => 'addNewColumnsWithTypeWidening'";
  for (const io::DiskFault fault : {io::DiskFault::kFail, io::DiskFault::kLostAnswer,
                                    io::DiskFault::kTorn, io::DiskFault::kPowerCut}) {
    for (int k = 1; k < 40; k += 2) {
      Query("DROP TABLE IF EXISTS target");
      const std::shared_ptr<io::FaultyObjectStore> faulty = io::NewFaultyStore(7919 * k);
      state_ = faulty;
      std::filesystem::remove_all(landing_);
      Land("a.csv", "id\n1\n", 900);
      ASSERT_EQ(Outcome(options), "1 batches") << said_;
      Land("b.csv", "id\n5000000000\n", 800);
      faulty->FailCall(k, fault);
      std::string outcome;
      for (int run = 0; run < 5 && outcome != "0 batches"; ++run) {
        outcome = Outcome(options);
        if (!faulty->powered()) faulty->Restart();
      }
      const std::string at =
          "fault " + std::to_string(static_cast<int>(fault)) + " at call " + std::to_string(k);
      ASSERT_EQ(outcome, "0 batches") << at << " " << said_;
      ASSERT_EQ(Rows("id, typeof(id)"), (Strings{"1|bigint", "5000000000|bigint"})) << at;
    }
  }
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_rescue) {
  Land("a.json", "{\"id\":1}\n", 900);
  const std::string options = "format => 'json', schemaEvolutionMode => 'rescue'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  Land("b.json", "{\"id\":2,\"name\":\"x\"}\n", 800);
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_EQ(
      Rows("id, _rescued_data"),
      (Strings{"1|NULL", "2|{\"name\":\"x\",\"_file_path\":\"file:" + landing_ + "/b.json\"}"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_failOnNewColumns) {
  Land("a.json", "{\"id\":1}\n", 900);
  const std::string options = "format => 'json', schemaEvolutionMode => 'failOnNewColumns'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  Land("b.json", "{\"id\":2,\"name\":\"x\"}\n", 800);
  EXPECT_EQ(Outcome(options), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(Outcome(options), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(Rows("id"), Strings{"1"});
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_none) {
  Land("a.json", "{\"id\":1}\n", 900);
  const std::string options = "format => 'json', schemaEvolutionMode => 'none'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  Land("b.json", "{\"id\":2,\"name\":\"x\"}\n", 800);
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_EQ(Rows("*"), (Strings{"1", "2"}));
}

TEST_F(AutoLoaderTest, schemaEvolutionMode_none_IsTheDefaultWithASchema) {
  Land("a.json", "{\"id\":1,\"name\":\"x\"}\n", 900);
  ASSERT_EQ(Outcome("format => 'json', schema => 'id INT'"), "1 batches") << said_;
  EXPECT_EQ(Rows("*"), Strings{"1"});
}

TEST_F(AutoLoaderTest, rescuedDataColumn) {
  Land("a.json", "{\"id\":\"word\",\"x\":1}\n");
  ASSERT_EQ(Outcome("format => 'json', schema => 'id INT', rescuedDataColumn => 'rest'"),
            "1 batches")
      << said_;
  EXPECT_EQ(
      Rows("id, rest"),
      Strings{"NULL|{\"id\":\"word\",\"x\":1,\"_file_path\":\"file:" + landing_ + "/a.json\"}"});
}

TEST_F(AutoLoaderTest, columnNameOfCorruptRecord) {
  Land("a.json", "{\"id\":1}\nnonsense\n");
  ASSERT_EQ(Outcome("format => 'json', schema => 'id INT, bad STRING', "
                    "columnNameOfCorruptRecord => 'bad'"),
            "1 batches")
      << said_;
  EXPECT_EQ(Rows("id, bad"), (Strings{"NULL|nonsense", "1|NULL"}));
}

TEST_F(AutoLoaderTest, partitionColumns) {
  Land("year=2022/week=1/a.csv", "v\n1\n");
  Land("year=2022/month=2/b.csv", "v\n2\n");
  ASSERT_EQ(Outcome("format => 'csv', partitionColumns => 'year,month'"), "1 batches") << said_;
  EXPECT_EQ(Rows("v, year, month"), (Strings{"1|2022|NULL", "2|2022|2"}));
  EXPECT_EQ(ColumnNames(), (Strings{"v|int", "_rescued_data|string", "year|int", "month|int"}));
}

TEST_F(AutoLoaderTest, partitionColumns_AreThoseOfAllFilesWhereNoneAreSaid) {
  Land("year=2022/a.csv", "v\n1\n");
  Land("year=__HIVE_DEFAULT_PARTITION__/b.csv", "v\n2\n");
  ASSERT_EQ(Outcome("format => 'csv'"), "1 batches") << said_;
  EXPECT_EQ(Rows("v, year"), (Strings{"1|2022", "2|NULL"}));
}

TEST_F(AutoLoaderTest, partitionColumns_NoneWanted) {
  Land("year=2022/a.csv", "v\n1\n");
  ASSERT_EQ(Outcome("format => 'csv', partitionColumns => '', schemaEvolutionMode => 'none'"),
            "1 batches");
  EXPECT_EQ(ColumnNames(), Strings{"v|int"});
}

TEST_F(AutoLoaderTest, includeExistingFiles) {
  Land("a.json", "{\"id\":1}\n");
  const std::string options = "format => 'json', includeExistingFiles => false";
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  Land("b.json", "{\"id\":2}\n");
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  // It counts at the first start only.
  ASSERT_EQ(Outcome("format => 'json'"), "0 batches") << said_;
  EXPECT_EQ(Rows("id"), Strings{"2"});
}

TEST_F(AutoLoaderTest, maxFilesPerTrigger) {
  for (int i = 0; i < 5; ++i) Land(std::to_string(i) + ".json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', `cloudFiles.maxFilesPerTrigger` => 2"), "3 batches");
  EXPECT_EQ(Outcome("format => 'json', maxFilesPerTrigger => 0"), "INVALID_PARAMETER_VALUE");
}

TEST_F(AutoLoaderTest, maxFilesPerTrigger_IsAThousandWhereNothingIsSaid) {
  for (int i = 0; i < 1001; ++i) Land(std::to_string(i) + ".json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json'"), "2 batches") << said_;
}

TEST_F(AutoLoaderTest, maxBytesPerTrigger_IsSoft) {
  // Nine bytes each: the third reaches 20.
  for (int i = 0; i < 5; ++i) Land(std::to_string(i) + ".json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', maxBytesPerTrigger => '20b'"), "2 batches") << said_;
}

TEST_F(AutoLoaderTest, maxFileAge) {
  Land("old.json", "{\"id\":1}\n", 0);
  Land("new.json", "{\"id\":2}\n");
  std::filesystem::last_write_time(landing_ + "/new.json",
                                   std::filesystem::file_time_type::clock::now());
  ASSERT_EQ(Outcome("format => 'json', maxFileAge => '14 days'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), Strings{"2"});
}

TEST_F(AutoLoaderTest, allowOverwrites) {
  Land("a.json", "{\"id\":1}\n", 900);
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  Land("a.json", "{\"id\":2}\n", 800);
  ASSERT_EQ(Outcome("format => 'json'"), "0 batches") << said_;
  ASSERT_EQ(Outcome("format => 'json', allowOverwrites => true"), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"1", "2"}));
}

TEST_F(AutoLoaderTest, backfillInterval_useIncrementalListing_AreAccepted) {
  Land("a.json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', backfillInterval => 'soon'"), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Outcome("format => 'json', useIncrementalListing => 'yes'"), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Outcome("format => 'json', backfillInterval => '1 day', useIncrementalListing => "
                    "'auto', useNotifications => false, useManagedFileEvents => false"),
            "1 batches");
}

TEST_F(AutoLoaderTest, useNotifications_AndItsOptionsAreRefusedByName) {
  Land("a.json", "{\"id\":1}\n");
  for (const char* option :
       {"useNotifications => true", "useManagedFileEvents => true", "fetchParallelism => 2",
        "region => 'eu'", "queueUrl => 'q'", "roleArn => 'r'", "roleExternalId => 'r'",
        "roleSessionName => 'r'", "awsAccessKey => 'k'", "awsSecretKey => 'k'",
        "stsEndpoint => 's'", "pathRewrites => 'p'", "`resourceTag.team` => 't'",
        "`databricks.serviceCredential` => 'c'"}) {
    EXPECT_EQ(Outcome(std::string("format => 'json', ") + option), "UNSUPPORTED_FEATURE") << option;
  }
}

TEST_F(AutoLoaderTest, useStrictGlobber) {
  Land("a/x/c/1.json", "{\"id\":1}\n");
  Land("a/x/y/c/2.json", "{\"id\":2}\n");
  Land("a/x/c_3.json", "{\"id\":3}\n");
  const std::string pattern = landing_ + "/a/*/c";
  EXPECT_EQ(Query("SELECT id FROM read_files('" + pattern + "', format => 'json') ORDER BY id"),
            Strings{"1"});
  EXPECT_EQ(Query("SELECT id FROM read_files('" + pattern +
                  "', format => 'json', useStrictGlobber => false) ORDER BY id"),
            (Strings{"1", "2", "3"}));
  ASSERT_EQ(Outcome("format => 'json', useStrictGlobber => false", "*", pattern), "1 batches");
  EXPECT_EQ(Rows("id"), (Strings{"1", "2", "3"}));
}

TEST_F(AutoLoaderTest, validateOptions) {
  Land("a.json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', maxFilePerTrigger => 2"), "CF_UNKNOWN_OPTION_KEYS_ERROR");
  EXPECT_NE(said_.find("maxFilesPerTrigger"), said_.npos) << said_;
  EXPECT_EQ(Outcome("format => 'json', maxFilePerTrigger => 2, validateOptions => false"),
            "1 batches");
}

TEST_F(AutoLoaderTest, pathGlobFilter_fileNamePattern) {
  Land("a.json", "{\"id\":1}\n");
  Land("b.txt", "text");
  Land("c.jsonl", "{\"id\":3}\n");
  ASSERT_EQ(Outcome("format => 'json', pathGlobFilter => '*.{json,x{y,z}}'"), "1 batches");
  ASSERT_EQ(Outcome("format => 'json', fileNamePattern => '*.jsonl'"), "1 batches");
  EXPECT_EQ(Rows("id"), (Strings{"1", "3"}));
}

TEST_F(AutoLoaderTest, modifiedAfter_modifiedBefore) {
  for (int i = 1; i <= 4; ++i) {
    Land(std::to_string(i) + ".json", "{\"id\":" + std::to_string(i) + "}\n", 1000 * i);
  }
  // 2025-06-15T15:06:40Z is kNow.
  const std::string options =
      "format => 'json', modifiedAfter => '2025-06-15T14:00:00Z', modifiedBefore => "
      "'2025-06-15T14:40:00Z'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"2", "3"}));
  EXPECT_EQ(Query("SELECT id FROM read_files('" + landing_ + "', " + options + ") ORDER BY id"),
            (Strings{"2", "3"}));
  EXPECT_EQ(Outcome("format => 'json', modifiedAfter => 'noon'"), "INVALID_PARAMETER_VALUE");
}

TEST_F(AutoLoaderTest, recursiveFileLookup_TakesFoldersForNoColumns) {
  Land("year=2022/a.csv", "v\n1\n");
  Land("b.csv", "v\n2\n");
  ASSERT_EQ(Outcome("format => 'csv', recursiveFileLookup => true, schemaEvolutionMode => 'none'"),
            "1 batches");
  EXPECT_EQ(ColumnNames(), Strings{"v|int"});
  EXPECT_EQ(Rows("v"), (Strings{"1", "2"}));
}

TEST_F(AutoLoaderTest, ignoreCorruptFiles) {
  Land("a.json", "{\"id\":1}\n");
  Land("b.json.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03half", 14));
  EXPECT_EQ(Outcome("format => 'json', schema => 'id INT'"), "FAILED_READ_FILE.NO_HINT");
  EXPECT_NE(said_.find("b.json.gz"), said_.npos) << said_;
  EXPECT_EQ(Rows("id"), Strings{});
  ASSERT_EQ(Outcome("format => 'json', schema => 'id INT', ignoreCorruptFiles => true"),
            "1 batches");
  EXPECT_EQ(Rows("id"), Strings{"1"});
}

TEST_F(AutoLoaderTest, ignoreCorruptFiles_OfParquet) {
  LandParquet("a.parquet", "SELECT 7 AS id");
  Land("b.parquet", "PAR1 half");
  EXPECT_EQ(Outcome("format => 'parquet', schema => 'id INT'"), "FAILED_READ_FILE.NO_HINT");
  ASSERT_EQ(Outcome("format => 'parquet', schema => 'id INT', ignoreCorruptFiles => true"),
            "1 batches")
      << said_;
  EXPECT_EQ(Rows("id"), Strings{"7"});
}

TEST_F(AutoLoaderTest, unknownOption_OfTheOtherFormats) {
  Land("a.json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', sep => ';'"), "CF_UNKNOWN_OPTION_KEYS_ERROR");
}

TEST_F(AutoLoaderTest, _metadata) {
  Land("a.json", "{\"id\":1}\n");
  ASSERT_EQ(Outcome("format => 'json'",
                    "id, _metadata.file_path, _metadata.file_name, _metadata.file_size, "
                    "_metadata.file_block_start, _metadata.file_block_length, "
                    "_metadata.file_modification_time, _metadata AS m"),
            "1 batches")
      << said_;
  EXPECT_EQ(Rows("file_path, file_name, file_size, file_block_start, file_block_length, "
                 "unix_seconds(file_modification_time), m.file_name"),
            Strings{"file:" + landing_ + "/a.json|a.json|9|0|9|" + std::to_string(kNow - 1000) +
                    "|a.json"});
}

TEST_F(AutoLoaderTest, _metadata_Expands) {
  Land("a.json", "{\"id\":1}\n");
  ASSERT_EQ(Outcome("format => 'json'", "id, _metadata.*"), "1 batches") << said_;
  EXPECT_EQ(ColumnNames(),
            (Strings{"id|bigint", "file_path|string", "file_name|string", "file_size|bigint",
                     "file_block_start|bigint", "file_block_length|bigint",
                     "file_modification_time|timestamp"}));
  EXPECT_EQ(Rows("id, file_name, file_size"), Strings{"1|a.json|9"});
}

TEST_F(AutoLoaderTest, schema_ThatIsLeftOutLaterReadsNothingTwice) {
  Land("a.json", "{\"id\":1}\n");
  ASSERT_EQ(Outcome("format => 'json', schema => 'id BIGINT'"), "1 batches") << said_;
  ASSERT_EQ(Outcome("format => 'json'"), "0 batches") << said_;
  EXPECT_EQ(Rows("id"), Strings{"1"});
}

TEST_F(AutoLoaderTest, replay_ReadsAChosenRangeOnceMore) {
  for (int i = 1; i <= 3; ++i) {
    Land(std::to_string(i) + ".json", "{\"id\":" + std::to_string(i) + "}\n", 1000 * i);
  }
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  const std::string replay =
      "format => 'json', replayModifiedAfter => '2025-06-15T14:00:00Z', replayPathGlobFilter => "
      "'[23].json', replayModifiedBefore => '2026-01-01'";
  ASSERT_EQ(Outcome(replay), "1 batches") << said_;
  ASSERT_EQ(Outcome(replay), "0 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"1", "2", "2", "3", "3"}));
}

}  // namespace
}  // namespace tarn::source
