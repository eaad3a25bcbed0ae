#include "function_families.h"

namespace tarn::plan {

// Vectors are arrays of FLOAT; bitmaps are BINARY values of a fixed size.

void RegisterVectorFunctions(FunctionTable& table) {
  for (const std::string_view name :
       {"vector_inner_product", "vector_cosine_similarity", "vector_l2_distance"}) {
    table.Add({.name = name,
               .signatures = "(array<float>, array<float>) -> float",
               .fallible = true,
               .null_intolerant = false});
  }
  table.Add({.name = "vector_norm",
             .signatures = "(array<float>, float = 2.0) -> float",
             .fallible = true,
             .null_intolerant = false});
  table.Add({.name = "vector_normalize",
             .signatures = "(array<float>, float = 2.0) -> array<float>",
             .fallible = true,
             .null_intolerant = false});
  for (const std::string_view name : {"vector_sum", "vector_avg"}) {
    table.Add({.name = name,
               .kind = FunctionKind::kAggregate,
               .signatures = "(array<float>) -> array<float>",
               .fallible = true,
               .null_intolerant = false});
  }
}

void RegisterBitmapFunctions(FunctionTable& table) {
  table.Add({.name = "bitmap_bit_position", .signatures = "(bigint) -> bigint"});
  table.Add({.name = "bitmap_bucket_number", .signatures = "(bigint) -> bigint"});
  table.Add({.name = "bitmap_count", .signatures = "(binary) -> bigint"});
  table.Add({.name = "bitmap_construct_agg",
             .kind = FunctionKind::kAggregate,
             .signatures = "(bigint) -> binary",
             .fallible = true});
  for (const std::string_view name : {"bitmap_or_agg", "bitmap_and_agg"}) {
    table.Add({.name = name,
               .kind = FunctionKind::kAggregate,
               .signatures = "(binary) -> binary",
               .fallible = true});
  }
}

}  // namespace tarn::plan
