// The result of a verification for people: a table, then each failure in full.
#pragma once

#include <iosfwd>

#include <wavetank/tools/campaign_record.h>

namespace wavetank::tools {

/// A line for each property, warnings below it, a last line that sums up.
void print_table(std::ostream& out, const campaign_record& r);

/// What went wrong, the story, the trace and the line that replays it.
void print_failure(std::ostream& out, const campaign_record& r, const property_record& failed);

/// Table and failures.
void print_result(std::ostream& out, const campaign_record& r);

/// 1234567 as "1 234 567".
std::string in_groups(std::uint64_t n);

}  // namespace wavetank::tools
