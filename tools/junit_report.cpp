#include <wavetank/tools/junit_report.h>

#include <cstdio>
#include <string_view>

namespace wavetank::tools {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        // XML 1.0 has no way to write the other control characters.
        out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string in_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string test_case(const property_record& p) {
  const auto dot = p.name.rfind('.');
  const std::string component = dot == std::string::npos ? "wavetank" : p.name.substr(0, dot);
  const std::string aspect = dot == std::string::npos ? p.name : p.name.substr(dot + 1);
  std::string xml = "    <testcase classname=\"" + escaped(component) + "\" name=\"" + escaped(aspect) + "\" time=\"" +
                    in_seconds(p.seconds) + "\"";
  if (p.passed()) return xml + "/>\n";
  const std::string replay = p.trace.empty() ? "" : "\nreplay: wavetank replay " + p.trace;
  return xml + ">\n      <failure type=\"" + escaped(p.verdict) + "\" message=\"" + escaped(p.message) + "\">" +
         escaped(p.story + replay) + "</failure>\n    </testcase>\n";
}

}  // namespace

std::string to_junit(const campaign_record& r) {
  double seconds = 0;
  std::string cases;
  for (const auto& p : r.properties) {
    seconds += p.seconds;
    cases += test_case(p);
  }
  const std::string counts = "tests=\"" + std::to_string(r.properties.size()) + "\" failures=\"" +
                             std::to_string(r.failed()) + "\" errors=\"0\" time=\"" + in_seconds(seconds) + "\"";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " + counts + ">\n  <testsuite name=\"wavetank\" " +
         counts + ">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

}  // namespace wavetank::tools
