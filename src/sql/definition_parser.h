#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query_parser.h"

namespace tarn::sql {

/// Reads the parts that DDL statements are made of: columns, constraints, clauses of tables.
class DefinitionParser : public QueryParser {
 public:
  using QueryParser::QueryParser;

  /// The fields of STRUCT<…>.
  std::vector<Field> ParseStructFields() {
    const DataType type = ParseType();
    return type.Is(TypeId::kStruct) ? type.fields() : std::vector<Field>();
  }
  /// "a INT, b STRING NOT NULL", for schemas given as text.
  std::vector<Field> ParseSchemaFields() { return ParseFields(true); }

 protected:
  /// The kind of object that the next words name, if a name follows them.
  std::optional<ObjectKind> AcceptObjectKind();
  /// A table's name, or a path in quotes as delta.`path`.
  ObjectName ParseTableOrPath();
  /// (column type …, CONSTRAINT …), with parentheses.
  void ParseTableElements(std::vector<ColumnDefinition>* columns,
                          std::vector<Constraint>* constraints);
  ColumnDefinition ParseColumnDefinition(bool nested_name);
  bool IsTableConstraint() const;
  Constraint ParseConstraint();
  ColumnMask ParseMask();
  RowFilter ParseRowFilter();
  ClusterBy ParseClusterBy();
  std::vector<PartitionField> ParsePartitionFields();
  /// PARTITION (a = 1, b)
  PartitionSpec ParsePartitionSpec();
  /// Reads clauses in any order until one that isn't a clause of a table.
  void ParseTableClauses(TableClauses* clauses);
  /// Reads one clause, or returns false.
  bool ParseTableClauseOnce(TableClauses* clauses) {
    return ParseTableClause(clauses) || ParseStorageClause(clauses);
  }
  std::vector<Property> ParseTags();
  std::vector<Assignment> ParseAssignments();

 private:
  void ParseColumnOptions(ColumnDefinition* column);
  bool ParseColumnOption(ColumnDefinition* column);
  void ParseGenerated(ColumnDefinition* column);
  bool IsColumnConstraint() const;
  void ParseConstraintOptions(Constraint* constraint);
  void ParseForeignKey(Constraint* constraint);
  bool IsColumnOption() const;
  bool ParseTableClause(TableClauses* clauses);
  bool ParseStorageClause(TableClauses* clauses);
  std::string ParseSchedule();
};

}  // namespace tarn::sql
