#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/sql/ast.h"
#include "tarn/types/data_type.h"

namespace tarn::session {

using FieldsEdit = std::function<Status(std::vector<Field>& fields)>;

/// Changes the fields of the struct at `path` (none: the columns themselves). A path goes through
/// arrays by `element`, through maps by `key` and `value`. Errors: FIELD_NOT_FOUND,
/// INVALID_FIELD_NAME where it leads into what has no fields, those of `edit`.
Status EditFields(std::vector<Field>& columns, std::span<const sql::Identifier> path,
                  const FieldsEdit& edit);

/// FIELD_NOT_FOUND, with the fields that there are.
Error NoSuchField(const sql::Identifier& name, const std::vector<Field>& fields);

/// The place of a field among others, or nullopt. Names don't regard case.
std::optional<size_t> FindField(const std::vector<Field>& fields, std::string_view name);
/// The field itself, or null.
const Field* FieldNamed(const std::vector<Field>& fields, std::string_view name);

}  // namespace tarn::session
