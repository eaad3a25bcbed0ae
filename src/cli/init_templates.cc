#include "init_command.h"

namespace tarn::cli {

namespace {

constexpr const char* kOrdersJanuary = R"(order_id,day,customer,item,quantity,price
1,2024-01-03,ann,tea,2,4.50
2,2024-01-03,bob,coffee,1,7.20
3,2024-01-09,ann,cup,4,3.00
4,2024-01-15,eve,tea,-1,4.50
5,2024-01-20,,coffee,2,7.20
)";

constexpr const char* kOrdersFebruary = R"(order_id,day,customer,item,quantity,price
6,2024-02-02,bob,tea,5,4.60
7,2024-02-11,dan,cup,2,3.10
8,2024-02-28,eve,coffee,3,7.30
)";

const std::vector<TemplateFile>& BundleFiles() {
  static const std::vector<TemplateFile> kFiles = {
      {"databricks.yml", R"(# A Databricks bundle: `tarn pipeline run` runs its pipeline here.
bundle:
  name: NAME

include:
  - resources/*.yml

variables:
  schema:
    description: Where the pipeline's tables are
    default: NAME

targets:
  dev:
    default: true
  prod:
    mode: production
)"},
      {"resources/NAME.pipeline.yml", R"(resources:
  pipelines:
    NAME:
      name: NAME
      catalog: main
      schema: ${var.schema}
      root_path: ../src
      libraries:
        - glob:
            include: ../src/transformations/**
      configuration:
        data: ${workspace.file_path}/data
)"},
      {"src/transformations/orders.sql",
       R"(-- Files are read once, as they land in the folder; rows that can't be are dropped, others counted.
CREATE OR REFRESH STREAMING TABLE orders (
  CONSTRAINT positive_quantity EXPECT (quantity > 0) ON VIOLATION DROP ROW,
  CONSTRAINT known_customer EXPECT (customer IS NOT NULL)
)
COMMENT 'Orders as they came'
AS SELECT * FROM STREAM read_files(
  '${data}/orders',
  format => 'csv',
  header => true,
  schemaHints => 'day DATE, price DECIMAL(10, 2)'
);
)"},
      {"src/transformations/revenue.sql", R"(CREATE OR REFRESH MATERIALIZED VIEW revenue
COMMENT 'What each item brought in, by month'
AS SELECT
  trunc(day, 'MM')       AS month,
  item,
  sum(quantity)          AS sold,
  sum(quantity * price)  AS revenue
FROM orders
GROUP BY trunc(day, 'MM'), item;
)"},
      {"data/orders/2024-01.csv", kOrdersJanuary},
      {"data/orders/2024-02.csv", kOrdersFebruary},
      {"README.md", R"(# NAME

    tarn pipeline dry-run                                   # are all names and types right?
    tarn pipeline run                                       # update the tables
    tarn sql -e "SELECT * FROM main.NAME.revenue ORDER BY month, item"

Put another CSV file into `data/orders` and run it again: only that file is read.
)"},
  };
  return kFiles;
}

const std::vector<TemplateFile>& SparkFiles() {
  static const std::vector<TemplateFile> kFiles = {
      {"spark-pipeline.yml",
       R"(# A project of Spark's declarative pipelines: run by `tarn pipeline run` and by `spark-pipelines run`.
name: NAME
storage: file://FOLDER/storage
database: default
libraries:
  - glob:
      include: transformations/**
)"},
      {"transformations/orders.sql", R"(CREATE MATERIALIZED VIEW orders AS
SELECT
  CAST(order_id AS INT)        AS order_id,
  CAST(day AS DATE)            AS day,
  customer,
  item,
  CAST(quantity AS INT)        AS quantity,
  CAST(price AS DECIMAL(10, 2)) AS price
FROM json.`data/orders`
WHERE quantity > 0;
)"},
      {"transformations/revenue.sql", R"(CREATE MATERIALIZED VIEW revenue AS
SELECT
  trunc(day, 'MM')       AS month,
  item,
  sum(quantity)          AS sold,
  sum(quantity * price)  AS revenue
FROM orders
GROUP BY trunc(day, 'MM'), item;
)"},
      {"data/orders/2024-01.json",
       R"({"order_id": 1, "day": "2024-01-03", "customer": "ann", "item": "tea", "quantity": 2, "price": 4.50}
{"order_id": 2, "day": "2024-01-03", "customer": "bob", "item": "coffee", "quantity": 1, "price": 7.20}
{"order_id": 3, "day": "2024-01-09", "customer": "ann", "item": "cup", "quantity": 4, "price": 3.00}
{"order_id": 4, "day": "2024-01-15", "customer": "eve", "item": "tea", "quantity": -1, "price": 4.50}
)"},
      {"data/orders/2024-02.json",
       R"({"order_id": 6, "day": "2024-02-02", "customer": "bob", "item": "tea", "quantity": 5, "price": 4.60}
{"order_id": 7, "day": "2024-02-11", "customer": "dan", "item": "cup", "quantity": 2, "price": 3.10}
)"},
      {"README.md", R"(# NAME

    tarn pipeline dry-run       # are all names and types right?
    tarn pipeline run           # update the tables
    tarn sql -e "SELECT * FROM revenue ORDER BY month, item"

The same project runs under Spark 4.2: `spark-pipelines run`.
)"},
  };
  return kFiles;
}

}  // namespace

const std::vector<TemplateFile>& TemplateOf(const std::string& form) {
  return form == "spark" ? SparkFiles() : BundleFiles();
}

}  // namespace tarn::cli
