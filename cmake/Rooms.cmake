# One room of the program = one static library with its own public include root, so that an include
# against the order of the rooms doesn't compile.

add_library(tarn_options INTERFACE)
target_compile_features(tarn_options INTERFACE cxx_std_20)
target_compile_options(tarn_options INTERFACE -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
  -fno-omit-frame-pointer)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(TARN_CCACHE ccache)
if(TARN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TARN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${TARN_CCACHE})
endif()
find_program(TARN_MOLD mold)
if(TARN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# tarn_room(<name> USES <rooms...> LINKS <libraries...> PRECOMPILE <headers...>): the library
# tarn_<name> of all sources of this folder (src/<name>/**/*.cc, without test/) and, with TARN_TESTS,
# the program tarn_<name>_test. PRECOMPILE: headers that nearly all of its sources include, parsed
# once. Sources include what they use all the same: the preset "asan" has no precompiled headers.
function(tarn_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LINKS;TEST_LINKS;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/${name}/(.*/)?(test|main)/")
  add_library(tarn_${name} STATIC ${sources})
  target_include_directories(tarn_${name} PUBLIC include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  list(TRANSFORM ROOM_USES PREPEND tarn_)
  target_link_libraries(tarn_${name} PUBLIC tarn_options ${ROOM_USES} PRIVATE ${ROOM_LINKS})
  if(ROOM_PRECOMPILE)
    target_precompile_headers(tarn_${name} PRIVATE ${ROOM_PRECOMPILE})
  endif()
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/*_test.cc)
  if(TARN_TESTS AND tests)
    add_executable(tarn_${name}_test ${tests})
    target_include_directories(tarn_${name}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(tarn_${name}_test PRIVATE tarn_${name} ${ROOM_TEST_LINKS} GTest::gtest GTest::gmock
      GTest::gtest_main)
    target_precompile_headers(tarn_${name}_test PRIVATE <gtest/gtest.h> <gmock/gmock.h> ${ROOM_PRECOMPILE})
    # What tests do themselves takes no time; compiling it does.
    target_compile_options(tarn_${name}_test PRIVATE $<$<CONFIG:Release>:-O0>)
    add_test(NAME ${name} COMMAND tarn_${name}_test)
  endif()
endfunction()

function(tarn_add_rooms)
  foreach(room IN LISTS ARGN)
    if(EXISTS ${PROJECT_SOURCE_DIR}/src/${room}/CMakeLists.txt)
      add_subdirectory(${PROJECT_SOURCE_DIR}/src/${room} ${PROJECT_BINARY_DIR}/rooms/${room})
    endif()
  endforeach()
endfunction()
