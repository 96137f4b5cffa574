// The result of a verification as JUnit XML, which CI systems show: a suite with a test case for each property.
#pragma once

#include <string>

#include <wavetank/tools/campaign_record.h>

namespace wavetank::tools {

std::string to_junit(const campaign_record& r);

}  // namespace wavetank::tools
