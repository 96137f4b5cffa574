# What find_package(wavetank COMPONENTS ...) finds: each room is a component with an export file of its own, so that a
# program that wants only the production library asks nobody for Boost, RapidCheck or GoogleTest. Which packages a
# component needs is read off what its target links.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wavetank)

# The package that has a target, as arguments of find_package.
set(package_of_Threads::Threads Threads)
set(package_of_tl::expected tl-expected)
set(package_of_ZLIB::ZLIB ZLIB)
set(package_of_OpenSSL::Crypto OpenSSL)
set(package_of_ISAL::isal ISAL)
set(package_of_nlohmann_json::nlohmann_json nlohmann_json)
set(package_of_spdlog::spdlog spdlog)
set(package_of_spdlog::spdlog_header_only spdlog)
set(package_of_fmt::fmt fmt)
set(package_of_Boost::fiber "Boost 1.74 CONFIG COMPONENTS fiber context")
set(package_of_Boost::context "Boost 1.74 CONFIG COMPONENTS fiber context")
set(package_of_GTest::gtest GTest)
set(package_of_rapidcheck rapidcheck)
set(package_of_rapidcheck_gtest rapidcheck)

set(needs "")
get_property(installed_rooms GLOBAL PROPERTY WAVETANK_ROOMS)
foreach(room IN LISTS installed_rooms)
  install(TARGETS wavetank_${room} EXPORT wavetank-${room} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT wavetank-${room} NAMESPACE wavetank:: DESTINATION ${package_dir})

  set(rooms "")
  set(packages "")
  get_target_property(linked wavetank_${room} INTERFACE_LINK_LIBRARIES)
  foreach(item IN LISTS linked)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
    if(item MATCHES "^wavetank(::|_)(.+)$")
      list(APPEND rooms ${CMAKE_MATCH_2})
    elseif(DEFINED package_of_${item})
      list(APPEND packages "${package_of_${item}}")
    elseif(item MATCHES "::")
      message(FATAL_ERROR "wavetank_${room} links ${item}: cmake/install.cmake must say which package has it")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES packages)
  string(APPEND needs "set(_wavetank_rooms_of_${room} \"${rooms}\")\n"
                      "set(_wavetank_packages_of_${room} \"${packages}\")\n")
endforeach()

# Sources include each other from one folder up, installed or not.
install(DIRECTORY model impl sim props DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/wavetank
  FILES_MATCHING PATTERN "*.h" PATTERN "mutants" EXCLUDE)
if(TARGET wavetank)
  install(TARGETS wavetank RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

string(REPLACE ";" ", " room_names "${installed_rooms}")
configure_package_config_file(cmake/wavetank-config.cmake.in ${PROJECT_BINARY_DIR}/wavetank-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wavetank-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wavetank-config.cmake ${PROJECT_BINARY_DIR}/wavetank-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindISAL.cmake
  DESTINATION ${package_dir})
