#include "tarn/catalog/catalog.h"

#include <gmock/gmock.h>

#include "lake_test_fixture.h"

namespace tarn::catalog {
namespace {

using testing::ElementsAre;
using CatalogTest = LakeTest;

template <typename T>
std::vector<std::string> NamesOf(const Result<std::vector<T>>& list) {
  std::vector<std::string> names;
  for (const auto& item : *list) {
    if constexpr (requires { item->name.object; }) {
      names.push_back(item->name.object);
    } else {
      names.push_back(item->name);
    }
  }
  return names;
}

TEST_F(CatalogTest, MainAndItsDefaultSchemaExistFromTheStart) {
  EXPECT_THAT(NamesOf(catalog().ListCatalogs(ctx_)), ElementsAre("main", "system"));
  EXPECT_THAT(NamesOf(catalog().ListSchemas(ctx_, "MAIN")),
              ElementsAre("default", "information_schema"));
  const SchemaPtr schema = *catalog().LookupSchema(ctx_, "main", "Default", Purpose::kDescribe);
  EXPECT_EQ(schema->catalog, "main");
  EXPECT_EQ(schema->owner, "ann");
}

TEST_F(CatalogTest, ATableIsFoundWhateverTheCaseOfItsName) {
  const auto created = CreateTable(Name("Trips"));
  ASSERT_TRUE(created.ok()) << created.error().ToString();
  const auto found = catalog().LookupTable(ctx_, {"MAIN", "DEFAULT", "tRIPS"}, Purpose::kRead, "");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->id, (*created)->id);
  EXPECT_EQ((*found)->name.ToString(), "main.default.trips");
  EXPECT_EQ((*found)->type, TableType::kManaged);
  EXPECT_EQ((*found)->location, lake_->home() + "/tables/" + (*found)->id);
  EXPECT_EQ((*found)->schema.fields[0].name, "id");
  EXPECT_EQ((*found)->version, 0);
  ExpectSound();
}

TEST_F(CatalogTest, AMissingTableSuggestsTheNearest) {
  ASSERT_TRUE(CreateTable(Name("flights")).ok());
  auto missing = catalog().LookupRelation(ctx_, Name("flihgts"), Purpose::kRead);
  EXPECT_EQ(ConditionOf(missing), "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ(missing.error().parameter("relationName"), "`main`.`default`.`flihgts`");
  EXPECT_EQ(missing.error().hint(), "Did you mean `main`.`default`.`flights`?");
  missing = catalog().LookupRelation(ctx_, {"main", "defualt", "flights"}, Purpose::kRead);
  EXPECT_EQ(ConditionOf(missing), "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ(missing.error().hint(), "Did you mean `main`.`default`.`flights`?");
  missing = catalog().LookupRelation(ctx_, {"nowhere_at_all", "x", "y"}, Purpose::kRead);
  EXPECT_EQ(ConditionOf(missing), "TABLE_OR_VIEW_NOT_FOUND");
}

TEST_F(CatalogTest, ANameIsTakenOnceForTablesAndViewsTogether) {
  ASSERT_TRUE(CreateTable(Name("t")).ok());
  EXPECT_EQ(ConditionOf(CreateTable(Name("T"))), "TABLE_OR_VIEW_ALREADY_EXISTS");
  ViewInfo view;
  view.name = Name("t");
  EXPECT_EQ(ConditionOf(catalog().CreateView(ctx_, view, IfTaken::kReplace)),
            "TABLE_OR_VIEW_ALREADY_EXISTS");
  EXPECT_FALSE(*catalog().CreateView(ctx_, view, IfTaken::kKeep));
  view.name = Name("v");
  EXPECT_TRUE(*catalog().CreateView(ctx_, view, IfTaken::kFail));
  EXPECT_EQ(ConditionOf(CreateTable(Name("v"))), "TABLE_OR_VIEW_ALREADY_EXISTS");
  ExpectSound();
}

TEST_F(CatalogTest, OfTwoStatementsMakingOneTableTheLaterToPublishIsRefused) {
  const PendingTable one = *catalog().BeginCreateTable(ctx_, {.name = Name("t")});
  const PendingTable two = *catalog().BeginCreateTable(ctx_, {.name = Name("t")});
  ASSERT_TRUE(WriteLog(one.location).ok());
  ASSERT_TRUE(WriteLog(two.location).ok());
  ASSERT_TRUE(catalog().PublishTable(ctx_, two, {}).ok());
  EXPECT_EQ(ConditionOf(catalog().PublishTable(ctx_, one, {})), "TABLE_OR_VIEW_ALREADY_EXISTS");
  ASSERT_TRUE(catalog().AbortTable(ctx_, one).ok());
  ExpectSound();
}

TEST_F(CatalogTest, BadNamesAreRefused) {
  for (const std::string& name :
       {std::string(), std::string("a.b"), std::string("a b"), std::string("a/b"),
        std::string(".."), std::string("a\nb"), std::string(256, 'x')}) {
    EXPECT_EQ(ConditionOf(CreateTable(Name(name))), "INVALID_SCHEMA_OR_RELATION_NAME") << name;
  }
  EXPECT_TRUE(CreateTable(Name("naïve`table-1")).ok());
}

TEST_F(CatalogTest, ADroppedTableComesBackWithinSevenDays) {
  const std::string id = (*CreateTable(Name("t")))->id;
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, false).ok());
  EXPECT_EQ(ConditionOf(catalog().LookupRelation(ctx_, Name("t"), Purpose::kRead)),
            "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ(ConditionOf(catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, false)),
            "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_TRUE(catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, true).ok());
  clock_.Advance(6LL * 24 * 3600 * 1'000'000);
  EXPECT_EQ(*lake_->CollectDropped(ctx_), 0);
  EXPECT_EQ(catalog().ListDroppedTables(ctx_, "main", "default")->size(), 1u);
  const auto back = catalog().UndropTable(ctx_, Name("T"));
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ((*back)->id, id);
  ExpectSound();
}

TEST_F(CatalogTest, UndropTakesTheLatestOfThatNameAndAnyById) {
  const std::string first = (*CreateTable(Name("t")))->id;
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, false).ok());
  clock_.Advance(1);
  const std::string second = (*CreateTable(Name("t")))->id;
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, false).ok());
  EXPECT_EQ((*catalog().UndropTable(ctx_, Name("t")))->id, second);
  EXPECT_EQ(ConditionOf(catalog().UndropTableById(ctx_, first)), "TABLE_OR_VIEW_ALREADY_EXISTS");
  ASSERT_TRUE(catalog().RenameRelation(ctx_, Name("t"), Name("t2"), SecurableKind::kTable).ok());
  EXPECT_EQ((*catalog().UndropTableById(ctx_, first))->id, first);
  EXPECT_EQ(ConditionOf(catalog().UndropTableById(ctx_, "no-such-id")), "TABLE_OR_VIEW_NOT_FOUND");
}

TEST_F(CatalogTest, TheCollectorRemovesFilesAfterSevenDays) {
  const TablePtr table = *CreateTable(Name("t"));
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, false).ok());
  EXPECT_TRUE(std::filesystem::exists(table->location + "/_delta_log"));
  clock_.Advance(7LL * 24 * 3600 * 1'000'000 + 1);
  EXPECT_EQ(ConditionOf(catalog().UndropTable(ctx_, Name("t"))), "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ(*lake_->CollectDropped(ctx_), 1);
  EXPECT_FALSE(std::filesystem::exists(table->location));
  ExpectSound();
}

TEST_F(CatalogTest, DropNamesTheRightCommandForTheWrongKind) {
  ASSERT_TRUE(CreateTable(Name("t")).ok());
  const Status refused = catalog().DropRelation(ctx_, Name("t"), SecurableKind::kView, true);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().name(), "WRONG_COMMAND_FOR_OBJECT_TYPE");
  EXPECT_EQ(refused.error().hint(), "Use DROP TABLE instead.");
}

TEST_F(CatalogTest, SchemasAndCatalogsMustBeEmptyOrCascade) {
  ASSERT_TRUE(
      *catalog().CreateCatalog(ctx_, {.name = "NYC", .comment = "flights"}, IfTaken::kFail));
  EXPECT_FALSE(*catalog().CreateCatalog(ctx_, {.name = "nyc"}, IfTaken::kKeep));
  EXPECT_EQ(ConditionOf(catalog().CreateCatalog(ctx_, {.name = "nyc"}, IfTaken::kFail)),
            "CATALOG_ALREADY_EXISTS");
  ASSERT_TRUE(*catalog().CreateSchema(ctx_, {.catalog = "nyc", .name = "gold"}, IfTaken::kFail));
  EXPECT_EQ(
      ConditionOf(catalog().CreateSchema(ctx_, {.catalog = "nyc", .name = "gold"}, IfTaken::kFail)),
      "SCHEMA_ALREADY_EXISTS");
  EXPECT_EQ(
      ConditionOf(catalog().CreateSchema(ctx_, {.catalog = "no", .name = "gold"}, IfTaken::kFail)),
      "CATALOG_NOT_FOUND");
  ASSERT_TRUE(CreateTable({"nyc", "gold", "t"}).ok());
  EXPECT_EQ(ConditionOf(catalog().DropSchema(ctx_, "nyc", "gold", false, false)),
            "SCHEMA_NOT_EMPTY");
  EXPECT_EQ(ConditionOf(catalog().DropCatalog(ctx_, "nyc", false, false)), "CATALOG_NOT_EMPTY");
  ASSERT_TRUE(catalog().DropCatalog(ctx_, "nyc", false, true).ok());
  EXPECT_EQ(ConditionOf(catalog().LookupCatalog(ctx_, "nyc", Purpose::kDescribe)),
            "CATALOG_NOT_FOUND");
  EXPECT_EQ(ConditionOf(CreateTable({"nyc", "gold", "t"})), "CATALOG_NOT_FOUND");
  EXPECT_EQ(ConditionOf(CreateTable({"main", "gold", "t"})), "SCHEMA_NOT_FOUND");
  clock_.Advance(8LL * 24 * 3600 * 1'000'000);
  EXPECT_EQ(*lake_->CollectDropped(ctx_), 4);  // table, two schemas, catalog
  ExpectSound();
}

TEST_F(CatalogTest, ExternalTablesKeepTheirFolderAndMayNotOverlap) {
  const std::string place = folder_ + "/outside/t";
  const TablePtr table = *CreateTable(Name("e"), place);
  EXPECT_EQ(table->type, TableType::kExternal);
  EXPECT_EQ(table->location, place);
  for (const std::string& other :
       {place, place + "/", place + "/below", folder_ + "/outside", folder_ + "/outside/x/../t",
        "file://" + place, lake_->home() + "/tables", folder_}) {
    EXPECT_EQ(ConditionOf(CreateTable(Name("f"), other)), "LOCATION_OVERLAP") << other;
  }
  std::filesystem::create_symlink(folder_ + "/outside", folder_ + "/alias");
  EXPECT_EQ(ConditionOf(CreateTable(Name("f"), folder_ + "/alias/t")), "LOCATION_OVERLAP");
  EXPECT_TRUE(CreateTable(Name("f"), folder_ + "/outside/t2").ok());
  EXPECT_EQ(ConditionOf(CreateTable(Name("g"), "relative/path")), "PATH_NOT_ALLOWED");
  EXPECT_EQ(ConditionOf(CreateTable(Name("g"), "s3://bucket/t")), "UNSUPPORTED_FEATURE");
  EXPECT_EQ(ConditionOf(CreateTable(Name("g"), "gs://bucket/t")), "UNSUPPORTED_FEATURE");
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("e"), SecurableKind::kTable, false).ok());
  clock_.Advance(8LL * 24 * 3600 * 1'000'000);
  EXPECT_EQ(*lake_->CollectDropped(ctx_), 1);
  EXPECT_TRUE(std::filesystem::exists(place + "/_delta_log"));
  ExpectSound();
}

TEST_F(CatalogTest, UndropOfAnExternalTableLooksWhetherItsFolderIsStillFree) {
  const std::string place = folder_ + "/outside/t";
  ASSERT_TRUE(CreateTable(Name("e"), place).ok());
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("e"), SecurableKind::kTable, false).ok());
  std::filesystem::remove_all(place);
  ASSERT_TRUE(CreateTable(Name("f"), place).ok());
  EXPECT_EQ(ConditionOf(catalog().UndropTable(ctx_, Name("e"))), "LOCATION_OVERLAP");
}

TEST_F(CatalogTest, ViewsComeBackAsTheyWereMade) {
  ViewInfo view;
  view.name = Name("v");
  view.text = "SELECT id AS `a b` FROM t";
  view.columns = {{"a b", DataType::Decimal(10, 2), false, "note"}};
  view.default_catalog = "main";
  view.default_schema = "default";
  view.settings = {{"TIMEZONE", "UTC"}};
  view.comment = "c";
  ASSERT_TRUE(*catalog().CreateView(ctx_, view, IfTaken::kFail));
  Reopen();
  const Relation relation = *catalog().LookupRelation(ctx_, Name("V"), Purpose::kRead);
  const ViewPtr found = std::get<ViewPtr>(relation);
  EXPECT_EQ(found->text, view.text);
  ASSERT_EQ(found->columns.size(), 1u);
  EXPECT_EQ(found->columns[0].type, DataType::Decimal(10, 2));
  EXPECT_FALSE(found->columns[0].nullable);
  EXPECT_EQ(found->settings, view.settings);
  EXPECT_EQ(found->comment, "c");
  const std::string id = found->id;
  view.text = "SELECT 2";
  ASSERT_TRUE(*catalog().CreateView(ctx_, view, IfTaken::kReplace));
  const ViewPtr replaced =
      std::get<ViewPtr>(*catalog().LookupRelation(ctx_, Name("v"), Purpose::kRead));
  EXPECT_EQ(replaced->text, "SELECT 2");
  EXPECT_EQ(replaced->id, id);
  EXPECT_EQ(ConditionOf(catalog().LookupTable(ctx_, Name("v"), Purpose::kWrite, "INSERT")),
            "WRONG_COMMAND_FOR_OBJECT_TYPE");
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("v"), SecurableKind::kView, false).ok());
}

TEST_F(CatalogTest, FunctionsComeBackAsTheyWereMade) {
  FunctionInfo function;
  function.name = Name("f");
  function.parameters = {{"x", TypeId::kInt, "1", "the x"}};
  function.return_type = DataType::Array(TypeId::kString);
  function.body = "array('a')";
  ASSERT_TRUE(*catalog().CreateFunction(ctx_, function, IfTaken::kFail));
  EXPECT_EQ(ConditionOf(catalog().CreateFunction(ctx_, function, IfTaken::kFail)),
            "ROUTINE_ALREADY_EXISTS");
  const FunctionPtr found = *catalog().LookupFunction(ctx_, Name("F"), Purpose::kExecute);
  EXPECT_EQ(found->parameters[0].default_sql, "1");
  EXPECT_EQ(*found->return_type, DataType::Array(TypeId::kString));
  EXPECT_EQ(found->body, function.body);
  ASSERT_TRUE(catalog().DropFunction(ctx_, Name("f"), false).ok());
  EXPECT_EQ(ConditionOf(catalog().DropFunction(ctx_, Name("f"), false)), "ROUTINE_NOT_FOUND");
  EXPECT_TRUE(catalog().DropFunction(ctx_, {"no", "no", "f"}, true).ok());
}

TEST_F(CatalogTest, VolumesHaveFolders) {
  VolumeInfo volume;
  volume.name = Name("files");
  ASSERT_TRUE(*catalog().CreateVolume(ctx_, volume, IfTaken::kFail));
  EXPECT_FALSE(*catalog().CreateVolume(ctx_, volume, IfTaken::kKeep));
  EXPECT_EQ(ConditionOf(catalog().CreateVolume(ctx_, volume, IfTaken::kFail)),
            "VOLUME_ALREADY_EXISTS");
  const VolumePtr found = *catalog().LookupVolume(ctx_, Name("files"), Purpose::kRead);
  EXPECT_TRUE(std::filesystem::is_directory(found->location));
  EXPECT_EQ(found->type, TableType::kManaged);
  ASSERT_TRUE(catalog().DropVolume(ctx_, Name("files"), false).ok());
  EXPECT_EQ(ConditionOf(catalog().LookupVolume(ctx_, Name("files"), Purpose::kRead)),
            "UC_VOLUME_NOT_FOUND");
  EXPECT_TRUE(std::filesystem::is_directory(found->location));
  clock_.Advance(8LL * 24 * 3600 * 1'000'000);
  EXPECT_EQ(*lake_->CollectDropped(ctx_), 1);
  EXPECT_FALSE(std::filesystem::exists(found->location));
  ExpectSound();
}

TEST_F(CatalogTest, AnUpdateWithAnOlderVersionIsDropped) {
  const std::string id = (*CreateTable(Name("t")))->id;
  ASSERT_TRUE(catalog().UpdateTable(ctx_, id, {.comment = "new", .version = 5}).ok());
  ASSERT_TRUE(catalog().UpdateTable(ctx_, id, {.comment = "old", .version = 4}).ok());
  const TablePtr table = *catalog().LookupTable(ctx_, Name("t"), Purpose::kRead, "");
  EXPECT_EQ(table->comment, "new");
  EXPECT_EQ(table->version, 5);
  EXPECT_EQ(table->schema.fields.size(), 1u);
}

TEST_F(CatalogTest, ChangesOfAnotherProcessAreSeenAtTheNextLookUp) {
  ASSERT_TRUE(CreateTable(Name("t")).ok());
  ASSERT_TRUE(catalog().LookupRelation(ctx_, Name("t"), Purpose::kRead).ok());
  const auto other = *Lake::Open(ctx_, lake_->home(), {.clock = &clock_});
  ASSERT_TRUE(other->catalog().DropRelation(ctx_, Name("t"), SecurableKind::kTable, false).ok());
  EXPECT_FALSE(catalog().LookupRelation(ctx_, Name("t"), Purpose::kRead).ok());
}

TEST_F(CatalogTest, RenamesMoveBetweenSchemasOfOneCatalog) {
  ASSERT_TRUE(CreateTable(Name("t")).ok());
  ASSERT_TRUE(CreateTable(Name("u")).ok());
  ASSERT_TRUE(*catalog().CreateSchema(ctx_, {.catalog = "main", .name = "s"}, IfTaken::kFail));
  EXPECT_EQ(
      ConditionOf(catalog().RenameRelation(ctx_, Name("t"), Name("u"), SecurableKind::kTable)),
      "TABLE_OR_VIEW_ALREADY_EXISTS");
  ASSERT_TRUE(
      catalog().RenameRelation(ctx_, Name("t"), {"main", "s", "X"}, SecurableKind::kTable).ok());
  EXPECT_TRUE(catalog().LookupRelation(ctx_, {"main", "s", "x"}, Purpose::kRead).ok());
  EXPECT_FALSE(catalog().LookupRelation(ctx_, Name("t"), Purpose::kRead).ok());
}

TEST_F(CatalogTest, OwnersCommentsAndPropertiesChange) {
  ASSERT_TRUE(
      catalog()
          .AlterSchema(ctx_, "main", "default",
                       {.comment = "c", .owner = "bob", .properties = Properties{{"k", "v"}}})
          .ok());
  clock_.Advance(5);
  const SchemaPtr schema = *catalog().LookupSchema(ctx_, "main", "default", Purpose::kDescribe);
  EXPECT_EQ(schema->owner, "bob");
  EXPECT_EQ(schema->comment, "c");
  EXPECT_EQ(schema->properties.at("k"), "v");
  EXPECT_EQ(ConditionOf(catalog().AlterCatalog(ctx_, "system", {.owner = "bob"})),
            "BUILT_IN_CATALOG");
}

}  // namespace
}  // namespace tarn::catalog
