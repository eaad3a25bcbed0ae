# DuckDB as fetched by tools/deps.py: the shared library and its C++ headers. Only the engine may use it:
#
#   include(DuckDB)
#   tarn_link_duckdb(tarn_engine)
#
# gives that target the headers (as system headers, not passed on to users of the room) and the library.
# The library stands beside the program in the build tree, and programs find it from where they stand.

set(TARN_DUCKDB_LIB ${PROJECT_SOURCE_DIR}/.deps/duckdb-lib)
set(TARN_DUCKDB_HEADERS ${PROJECT_SOURCE_DIR}/.deps/duckdb-headers)
if(NOT EXISTS ${TARN_DUCKDB_LIB}/libduckdb.so OR NOT EXISTS ${TARN_DUCKDB_HEADERS}/include/duckdb.hpp)
  message(FATAL_ERROR "DuckDB is missing: run `./dev build`, or `python3 tools/deps.py fetch build`")
endif()

set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

if(NOT TARGET duckdb::duckdb)
  # The hard link is made anew when another version was fetched.
  file(CREATE_LINK ${TARN_DUCKDB_LIB}/libduckdb.so ${PROJECT_BINARY_DIR}/libduckdb.so COPY_ON_ERROR)
  add_library(duckdb::duckdb SHARED IMPORTED GLOBAL)
  set_target_properties(duckdb::duckdb PROPERTIES IMPORTED_LOCATION ${PROJECT_BINARY_DIR}/libduckdb.so)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/tools/deps.lock)
endif()

# DuckDB's own fmt (namespace duckdb_fmt) hides the system's in this target.
file(GLOB third_party LIST_DIRECTORIES true ${TARN_DUCKDB_HEADERS}/third_party/*)
set(TARN_DUCKDB_INCLUDES ${TARN_DUCKDB_HEADERS}/include ${TARN_DUCKDB_HEADERS}/parquet
  ${TARN_DUCKDB_HEADERS}/core_functions ${TARN_DUCKDB_HEADERS}/third_party ${third_party})

function(tarn_link_duckdb target)
  if(NOT target MATCHES "^tarn_engine(_[a-z_]+)?$")
    message(FATAL_ERROR "${target} links DuckDB; only the room engine may")
  endif()
  target_include_directories(${target} SYSTEM PRIVATE ${TARN_DUCKDB_INCLUDES})
  target_link_libraries(${target} PRIVATE duckdb::duckdb)
endfunction()
