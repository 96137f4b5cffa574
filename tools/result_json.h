// The result of a verification as JSON, described for users in docs/results.md.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include <wavetank/tools/campaign_record.h>

namespace wavetank::tools {

std::string to_json(const campaign_record& r);

/// Reads what `to_json` wrote. The error names the line, or the field, that is wrong.
tl::expected<campaign_record, std::string> parse_result_json(std::string_view text);

}  // namespace wavetank::tools
