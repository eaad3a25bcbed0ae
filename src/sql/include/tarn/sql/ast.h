#pragma once

// The whole abstract syntax tree.

#include "tarn/sql/ast_expression.h"  // IWYU pragma: export
#include "tarn/sql/ast_name.h"        // IWYU pragma: export
#include "tarn/sql/ast_query.h"       // IWYU pragma: export
#include "tarn/sql/ast_script.h"      // IWYU pragma: export
#include "tarn/sql/ast_statement.h"   // IWYU pragma: export
#include "tarn/sql/ast_table.h"       // IWYU pragma: export
