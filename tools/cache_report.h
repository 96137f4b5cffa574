// What `wavetank cache` found, for people and for machines.
#pragma once

#include <iosfwd>
#include <string>

#include <wavetank/tools/cache_inspection.h>

namespace wavetank::tools {

/// A line for each row, one for each thing that is not as it should be, a last one that sums up.
void print_cache_report(std::ostream& out, const cache_inspection_order& order, const cache_inspection& found);

/// One JSON object in one line. Names that are not UTF-8 have replacement characters.
std::string cache_report_json(const cache_inspection_order& order, const cache_inspection& found);

}  // namespace wavetank::tools
