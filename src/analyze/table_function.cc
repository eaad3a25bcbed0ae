#include "query_analyzer.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/keywords.h"
#include "tarn/sql/parser.h"

namespace tarn::analyze {

namespace {

/// sql_keywords(): the words of the grammar.
Result<Source> KeywordsFunction(QueryAnalyzer& analyzer, const sql::FunctionRelation& function,
                                const SourceRange& source) {
  if (!function.args.empty()) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`sql_keywords`"},
                  {"expectedNum", "0"},
                  {"actualNum", std::to_string(function.args.size())}})
        .WithPosition(source);
  }
  plan::Values values;
  for (const std::string_view word : sql::Keywords()) {
    std::vector<ExprPtr> row;
    row.push_back(plan::MakeLiteral(Value::String(std::string(word))));
    row.push_back(plan::MakeLiteral(Value::Boolean(sql::IsReservedInStandard(word))));
    values.rows.push_back(std::move(row));
  }
  std::vector<plan::OutputColumn> columns = {
      {analyzer.NewColumn(), "keyword", TypeId::kString, false},
      {analyzer.NewColumn(), "reserved", TypeId::kBoolean, false}};
  Source result;
  result.scope.relations.push_back({{"sql_keywords"}});
  for (const plan::OutputColumn& column : columns) {
    result.scope.columns.push_back({column.id, column.name, column.type, column.nullable, 0});
  }
  result.node = MakeNode(std::move(values), std::move(columns));
  return result;
}

/// collations(): texts have one.
Result<Source> CollationsFunction(QueryAnalyzer& analyzer, const sql::FunctionRelation& function,
                                  const SourceRange& source) {
  if (!function.args.empty()) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`collations`"},
                  {"expectedNum", "0"},
                  {"actualNum", std::to_string(function.args.size())}})
        .WithPosition(source);
  }
  static constexpr std::pair<const char*, const char*> kCells[] = {
      {"CATALOG", "SYSTEM"},
      {"SCHEMA", "BUILTIN"},
      {"NAME", "UTF8_BINARY"},
      {"LANGUAGE", nullptr},
      {"COUNTRY", nullptr},
      {"ACCENT_SENSITIVITY", "ACCENT_SENSITIVE"},
      {"CASE_SENSITIVITY", "CASE_SENSITIVE"},
      {"PAD_ATTRIBUTE", "NO_PAD"},
      {"ICU_VERSION", nullptr}};
  plan::Values values;
  values.rows.emplace_back();
  std::vector<plan::OutputColumn> columns;
  for (const auto& [name, cell] : kCells) {
    const DataType type = TypeId::kString;
    values.rows[0].push_back(plan::MakeLiteral(cell ? Value::String(cell) : Value::Null(type)));
    columns.push_back({analyzer.NewColumn(), name, type, cell == nullptr});
  }
  Source result;
  result.scope.relations.push_back({{"collations"}});
  for (const plan::OutputColumn& column : columns) {
    result.scope.columns.push_back({column.id, column.name, column.type, column.nullable, 0});
  }
  result.node = MakeNode(std::move(values), std::move(columns));
  return result;
}

}  // namespace

Result<Source> QueryAnalyzer::AnalyzeTableFunction(const sql::Relation& relation,
                                                   const sql::FunctionRelation& function,
                                                   const Scope* outer, const Environment& env) {
  TARN_ASSIGN(std::vector<sql::Identifier> name, NameParts(function.name, env));
  const SourceRange& source = relation.source;
  // Always a stream, with or without STREAM before it.
  if (name.size() == 1 && SameName(name[0].text, "cloud_files")) {
    return CloudFiles(function, source, env);
  }
  if (function.stream && (name.size() != 1 || !SameName(name[0].text, "read_files"))) {
    std::string shown;
    for (const sql::Identifier& part : name) shown += (shown.empty() ? "" : ".") + part.text;
    return UnsupportedFeature("STREAM " + shown, source);
  }
  if (name.size() == 1) {
    const std::string lower = Lower(name[0].text);
    if (lower == "range") return RangeFunction(function, source, outer, env);
    if (lower == "sql_keywords") return KeywordsFunction(*this, function, source);
    if (lower == "collations") return CollationsFunction(*this, function, source);
    if (lower == "read_files") return ReadFiles(function, source, env);
    if (name[0].text == sql::kDescribeHistory || name[0].text == sql::kDescribeDetail) {
      const auto* table =
          function.args.size() == 1 ? function.args[0].value->As<sql::TableArgument>() : nullptr;
      if (!context_.relations || !table) return InternalError("a description of no table");
      auto opened = context_.relations->OpenDescription(
          RequestFor(env), name[0].text == sql::kDescribeHistory, table->table);
      if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(source);
      return ScanOf(std::move(*opened), {});
    }
    if (lower == "table_changes" || lower == "table_changes_by_path") {
      return TableChanges(lower, function, source, env);
    }
    if (lower == "event_log" || lower == "cloud_files_state") {
      return PipelineFunction(lower, function, source, env);
    }
    const plan::FunctionSpec* spec = plan::FindFunction(lower);
    if (spec && spec->kind == plan::FunctionKind::kGenerator) {
      Scope scope;
      scope.outer = outer;
      ExprContext context;
      context.environment = &env;
      context.scope = &scope;
      TARN_ASSIGN(std::vector<ExprPtr> args, AnalyzeArguments(function.args, context));
      TARN_ASSIGN(ExprPtr generator,
                  plan::BuildCall(*spec, std::move(args), source, context_.session_zone));
      const bool keep = spec->name.ends_with("_outer");
      TARN_ASSIGN(auto produced, GeneratedColumns(*generator, keep));
      Source input;
      input.node = MakeSingleRow();
      input.scope.relations.push_back({{lower}});
      for (const plan::OutputColumn& column : produced) {
        input.scope.columns.push_back({column.id, column.name, column.type, column.nullable, 0});
      }
      return GenerateOver(std::move(input), std::move(generator), std::move(produced), keep);
    }
    if (spec) {
      return Error(Condition("NOT_A_TABLE_FUNCTION"), {{"functionName", QuoteIdentifier(lower)}})
          .WithPosition(source);
    }
  }
  return CallTableRoutine(name, function, source, outer, env);
}

namespace {

Error WrongRangeArgument(const plan::Expr& value, size_t i, const SourceRange& source) {
  return Error(Condition("UNEXPECTED_INPUT_TYPE"), {{"paramIndex", std::to_string(i + 1)},
                                                    {"functionName", "`range`"},
                                                    {"requiredType", "\"BIGINT\""},
                                                    {"inputSql", Quoted(plan::Render(value))},
                                                    {"inputType", Quoted(value.type.ToSql())}})
      .WithPosition(source);
}

/// Numbers and texts become a BIGINT unasked, other types don't.
Status CheckRangeArgument(const plan::Expr& value, size_t i, const SourceRange& source) {
  if (value.type.IsNumeric() || value.type.Is(TypeId::kString)) return {};
  return WrongRangeArgument(value, i, source);
}

}  // namespace

Result<Source> QueryAnalyzer::RangeFunction(const sql::FunctionRelation& function,
                                            const SourceRange& source, const Scope* outer,
                                            const Environment& env) {
  Scope scope;
  scope.outer = outer;
  ExprContext context;
  context.environment = &env;
  context.scope = &scope;
  if (function.args.empty() || function.args.size() > 4) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`range`"},
                  {"expectedNum", "[1, 2, 3, 4]"},
                  {"actualNum", std::to_string(function.args.size())}})
        .WithPosition(source);
  }
  std::vector<ExprPtr> args;
  if (function.args.size() == 1) {
    args.push_back(plan::MakeLiteral(Value::Long(0), source));
  }
  // The fourth argument is a number of partitions, which means nothing here.
  for (size_t i = 0; i < function.args.size() && i < 3; ++i) {
    TARN_ASSIGN(ExprPtr value, Analyze(*function.args[i].value, context));
    TARN_TRY(CheckRangeArgument(*value, i, source));
    TARN_ASSIGN(value,
                CastTo(std::move(value), TypeId::kLong, plan::CastMode::kAnsi, true, source));
    if (const auto folded = FoldConstant(*value, context_.session_zone)) {
      if (folded->is_null()) return WrongRangeArgument(*value, i, source);
      value = plan::MakeLiteral(*folded, source);
    }
    args.push_back(std::move(value));
  }
  if (args.size() == 2) args.push_back(plan::MakeLiteral(Value::Long(1), source));
  if (const auto* step = args[2]->As<plan::Literal>(); step && step->value.integer() == 0) {
    return Error(Condition("FAILED_FUNCTION_CALL"),
                 {{"funcName", "`range`"}, {"detail", "its step is 0"}})
        .WithPosition(source);
  }
  static const plan::FunctionSpec kRange{.name = "range", .kind = plan::FunctionKind::kGenerator};
  const DataType type = DataType::Struct({{"id", TypeId::kLong, false}});
  ExprPtr generator = plan::MakeCall(&kRange, std::move(args), type, false, source);
  std::vector<plan::OutputColumn> produced = {{NewColumn(), "id", TypeId::kLong, false}};
  Source input;
  input.node = MakeSingleRow();
  input.scope.relations.push_back({{"range"}});
  input.scope.columns.push_back({produced[0].id, "id", TypeId::kLong, false, 0});
  return GenerateOver(std::move(input), std::move(generator), std::move(produced), false);
}

Result<std::string> QueryAnalyzer::ConstantText(const sql::Expr& argument, std::string_view name,
                                                const Environment& env) {
  ExprContext context;
  context.environment = &env;
  TARN_ASSIGN(ExprPtr value, Analyze(argument, context));
  const std::string shown = ShownAs(*value);
  TARN_ASSIGN(value, CastTo(std::move(value), TypeId::kString, plan::CastMode::kAnsi, true,
                            argument.source));
  const auto folded = FoldConstant(*value, context_.session_zone);
  if (!folded || folded->is_null()) {
    return Error(Condition("NOT_A_CONSTANT_STRING.NOT_CONSTANT"),
                 {{"name", std::string(name)}, {"expr", Quoted(shown)}})
        .WithPosition(argument.source);
  }
  return std::string(folded->text());
}

Result<Source> QueryAnalyzer::PipelineFunction(std::string name,
                                               const sql::FunctionRelation& function,
                                               const SourceRange& source, const Environment& env) {
  if (!context_.relations) return InternalError("no source of relations");
  if (function.args.size() != 1) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", QuoteIdentifier(name)},
                  {"expectedNum", "1"},
                  {"actualNum", std::to_string(function.args.size())}})
        .WithPosition(source);
  }
  const sql::Expr& arg = *function.args[0].value;
  PipelineReference pipeline;
  if (const auto* table = arg.As<sql::TableArgument>(); table != nullptr && !table->query) {
    TARN_ASSIGN(std::vector<sql::Identifier> parts, NameParts(table->table, env));
    TARN_ASSIGN(pipeline.table, CompletedName(parts, table->table.source, env));
  } else {
    TARN_ASSIGN(pipeline.text, ConstantText(arg, name, env));
  }
  auto opened = context_.relations->OpenPipelineFunction(RequestFor(env), name, pipeline);
  if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(source);
  return ScanOf(std::move(*opened), {std::move(name)});
}

Result<FilesReference> QueryAnalyzer::SettleFiles(const sql::FunctionRelation& function,
                                                  const SourceRange& source,
                                                  const Environment& env) {
  FilesReference files;
  bool has_path = false;
  for (const sql::FunctionArgument& arg : function.args) {
    TARN_ASSIGN(const std::string text,
                ConstantText(*arg.value, arg.name.empty() ? "path" : arg.name.text, env));
    const std::string key = Lower(arg.name.text);
    if (arg.name.empty() || key == "path") {
      files.path = text;
      has_path = true;
    } else if (key == "format") {
      files.format = Lower(text);
    } else if (key == "schema") {
      auto parsed = sql::ParseTableSchema(text);
      if (!parsed.ok()) return std::move(parsed).error().WithPosition(arg.value->source);
      files.schema = std::move(*parsed);
    } else {
      files.options.emplace_back(key, text);
    }
  }
  if (!has_path) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`read_files`"}, {"expectedNum", "> 0"}, {"actualNum", "0"}})
        .WithPosition(source);
  }
  return files;
}

Result<Source> QueryAnalyzer::CloudFiles(const sql::FunctionRelation& function,
                                         const SourceRange& source, const Environment& env) {
  const auto& args = function.args;
  if (args.size() < 2 || args.size() > 3) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`cloud_files`"},
                  {"expectedNum", "[2, 3]"},
                  {"actualNum", std::to_string(args.size())}})
        .WithPosition(source);
  }
  StreamReference stream;
  FilesReference& files = stream.files.emplace();
  TARN_ASSIGN(files.path, ConstantText(*args[0].value, "path", env));
  TARN_ASSIGN(const std::string format, ConstantText(*args[1].value, "format", env));
  files.format = Lower(format);
  bool infers = false;
  if (args.size() == 3) {
    const auto* map = args[2].value->As<sql::FunctionCall>();
    if (map == nullptr || map->name.parts.size() != 1 || !SameName(map->name.last().text, "map") ||
        map->args.size() % 2 != 0) {
      return Error(
                 Condition("NOT_A_CONSTANT_STRING.NOT_CONSTANT"),
                 {{"name", "options"}, {"expr", "an expression other than map('key', 'value', …)"}})
          .WithPosition(args[2].value->source);
    }
    for (size_t i = 0; i < map->args.size(); i += 2) {
      TARN_ASSIGN(const std::string name, ConstantText(*map->args[i].value, "options", env));
      TARN_ASSIGN(std::string value, ConstantText(*map->args[i + 1].value, name, env));
      const std::string key = Lower(name);
      infers |= key == "cloudfiles.infercolumntypes";
      if (key == "schema") {
        auto parsed = sql::ParseTableSchema(value);
        if (!parsed.ok()) {
          return std::move(parsed).error().WithPosition(map->args[i + 1].value->source);
        }
        files.schema = std::move(*parsed);
      } else {
        files.options.emplace_back(key, std::move(value));
      }
    }
  }
  // Where read_files infers types, cloud_files takes texts as they are.
  if (!infers) files.options.emplace_back("cloudfiles.infercolumntypes", "false");
  return OpenStream(std::move(stream), {"cloud_files"}, source, env);
}

Result<Source> QueryAnalyzer::ReadFiles(const sql::FunctionRelation& function,
                                        const SourceRange& source, const Environment& env) {
  if (!context_.relations) return InternalError("no source of relations");
  TARN_ASSIGN(FilesReference files, SettleFiles(function, source, env));
  if (function.stream) {
    StreamReference stream;
    stream.files = std::move(files);
    return OpenStream(std::move(stream), {"read_files"}, source, env);
  }
  auto opened = context_.relations->OpenFiles(RequestFor(env), std::move(files));
  if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(source);
  return ScanOf(std::move(*opened), {"read_files"});
}

}  // namespace tarn::analyze
