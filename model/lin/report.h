// A verdict in words for people, and as JSON for machines.
#pragma once

#include <string>

#include <wavetank/model/lin/explain.h>
#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

/// What a report says about where the history came from.
struct report_heading {
  std::string file;
  std::string model;
  criterion crash_means;
};

/// `why` may be null: the verdict alone. About twenty lines for a failure; ends with a newline.
[[nodiscard]] std::string report_text(const report_heading& heading, const judged_history& what, const verdict& v,
                                      const explanation* why);

/// One JSON object on one line, newline at the end. Operations are given by line number (crash marks too).
[[nodiscard]] std::string report_json(const report_heading& heading, const judged_history& what, const verdict& v,
                                      const explanation* why);

}  // namespace wavetank::lin
