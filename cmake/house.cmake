# The rooms of the house: one target a folder, the same rules for each.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
# Files are named from the root, in messages and for ccache, wherever the root is.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
if(PROJECT_IS_TOP_LEVEL)
  # Assertions are part of what ships: no build type says NDEBUG.
  set(CMAKE_CXX_FLAGS_RELEASE "-O2")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()

find_program(WAVETANK_CCACHE ccache)
if(WAVETANK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WAVETANK_CCACHE})
endif()

# Sources include each other as <wavetank/impl/...>, in the build tree as in an installed one.
set(WAVETANK_INCLUDE_DIR ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${WAVETANK_INCLUDE_DIR})
file(CREATE_LINK ${PROJECT_SOURCE_DIR} ${WAVETANK_INCLUDE_DIR}/wavetank SYMBOLIC)

add_library(wavetank_warnings INTERFACE)
target_compile_options(wavetank_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror)

# Where sources are compiled together, only those of one folder meet, eight at a time: names that no header shows need
# not differ between folders, and a new file moves no other folder's.
function(wavetank_group_by_folder target)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    string(REPLACE "/" "_" folder ${folder})
    math(EXPR group "0${count_${folder}} / 8")
    math(EXPR count_${folder} "0${count_${folder}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()

# wavetank_room(NAME [sources...]): the library of one folder, exported as wavetank::NAME.
function(wavetank_room name)
  if(ARGN)
    add_library(wavetank_${name} STATIC ${ARGN})
    wavetank_group_by_folder(wavetank_${name})
    set(scope PUBLIC)
    target_link_libraries(wavetank_${name} PRIVATE $<BUILD_INTERFACE:wavetank_warnings>)
  else()
    add_library(wavetank_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(wavetank::${name} ALIAS wavetank_${name})
  set_target_properties(wavetank_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY WAVETANK_ROOMS ${name})
  target_compile_features(wavetank_${name} ${scope} cxx_std_20)
  target_link_libraries(wavetank_${name} ${scope} tl::expected)
  target_include_directories(wavetank_${name} ${scope}
    $<BUILD_INTERFACE:${WAVETANK_INCLUDE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()

# wavetank_tests(AREA targets...): every tests/AREA/*.cpp in one GoogleTest program, AREA_tests.
function(wavetank_tests area)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${area}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${area}_tests ${sources})
  target_link_libraries(${area}_tests PRIVATE ${ARGN} GTest::gtest_main wavetank_warnings)
  gtest_discover_tests(${area}_tests DISCOVERY_MODE PRE_TEST TEST_PREFIX ${area}.
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES TIMEOUT 600)
endfunction()
