# Apache DataSketches as fetched by tools/deps.py: headers only, as system headers of one target.
#
#   include(DataSketches)
#   tarn_use_datasketches(tarn_engine)

set(TARN_DATASKETCHES ${PROJECT_SOURCE_DIR}/.deps/datasketches)
if(NOT EXISTS ${TARN_DATASKETCHES}/include/frequent_items_sketch.hpp)
  # A build tree from before this dependency.
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/deps.py fetch build)
endif()
if(NOT EXISTS ${TARN_DATASKETCHES}/include/theta_sketch.hpp)
  message(FATAL_ERROR "DataSketches is missing: run `./dev build`, or `python3 tools/deps.py fetch build`")
endif()

function(tarn_use_datasketches target)
  target_include_directories(${target} SYSTEM PRIVATE ${TARN_DATASKETCHES}/include)
endfunction()
