#pragma once

namespace tarn::meta {

/// The scripts that lead from format version i to i + 1; never changed once released.
extern const char* const kMigrations[];

}  // namespace tarn::meta
