# What find_package(wavetank) finds.
include(CMakePackageConfigHelpers)
