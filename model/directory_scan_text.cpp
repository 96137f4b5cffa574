// How the scan's commands, responses and states read in stories.
#include <string_view>

#include <wavetank/model/directory_scan.h>
#include <wavetank/model/names.h>

namespace wavetank::model {
namespace {

using namespace names;

using scan = directory_scan;

std::string_view word(scan::result what) {
  switch (what) {
    case scan::result::locked:
      return "locked";
    case scan::result::refused:
      return "refused";
    case scan::result::unlocked:
      return "without the lock";
    case scan::result::listed:
      return "listed";
    case scan::result::whole:
      return "whole";
    case scan::result::damaged:
      return "damaged";
    case scan::result::unreadable:
      return "unreadable";
    case scan::result::made:
      return "made";
    case scan::result::exists:
      return "exists";
    case scan::result::moved:
      return "moved";
    case scan::result::removed:
      return "removed";
    case scan::result::gone:
      return "gone";
    case scan::result::synced:
      return "synced";
    case scan::result::linked:
      return "linked";
    case scan::result::row:
      return "row";
    case scan::result::serving:
      return "serving";
    case scan::result::acknowledged:
      return "acknowledged";
    case scan::result::failed:
      return "failed";
    case scan::result::done:
      return "done";
  }
  return "?";
}

std::string_view word(scan::content what) {
  switch (what) {
    case scan::content::nothing:
      return "gone";
    case scan::content::unfinished:
      return "unfinished";
    case scan::content::whole:
      return "whole";
    case scan::content::damaged:
      return "damaged";
  }
  return "?";
}

std::string who(scan::process_number by) { return "process " + number(by); }

std::string text(const scan::name& one) {
  switch (one.in) {
    case scan::place::final_name:
      return "file " + number(one.key);
    case scan::place::temporary:
      return "temporary " + number(one.key) + "." + number(one.number);
    case scan::place::quarantined:
      return "quarantined " + number(one.key) + "." + number(one.number);
    case scan::place::quarantine:
      return "quarantine";
  }
  return "?";
}

std::string text(const scan::start& c) { return who(c.by) + " starts"; }
std::string text(const scan::list& c) { return who(c.by) + " lists the directory"; }
std::string text(const scan::look& c) { return who(c.by) + " looks at file " + number(c.key); }
std::string text(const scan::make_quarantine& c) {
  return who(c.by) + " makes the quarantine, for file " + number(c.key);
}
std::string text(const scan::set_aside& c) {
  return who(c.by) + " moves file " + number(c.key) + " to the quarantine, as number " + number(c.number);
}
std::string text(const scan::remove& c) { return who(c.by) + " removes " + text(c.what); }
std::string text(const scan::sync& c) { return who(c.by) + " syncs the directory"; }
std::string text(const scan::adopt& c) { return who(c.by) + " indexes " + key_name(c.key); }
std::string text(const scan::serve& c) { return who(c.by) + " is open"; }
std::string text(const scan::create& c) { return who(c.by) + " makes " + text(c.what); }
std::string text(const scan::finish& c) { return who(c.by) + " syncs the bytes of " + text(c.what); }
std::string text(const scan::link& c) {
  return who(c.by) + (c.moves ? " renames " : " links ") + text(c.from) + " to its final name";
}
std::string text(const scan::acknowledge& c) { return who(c.by) + " says that " + key_name(c.key) + " is saved"; }
std::string text(const scan::evict& c) { return who(c.by) + " removes file " + number(c.key); }
std::string text(const scan::rot& c) { return "file " + number(c.key) + " rots"; }
std::string text(const scan::dies& c) { return who(c.who) + " dies"; }
std::string text(const scan::power_fails&) { return "the power fails"; }

std::string text(const scan::life& one) {
  std::string words = one.is == scan::stage::opening    ? "opening"
                      : one.is == scan::stage::scanning ? "scanning"
                                                        : "serving";
  if (!one.locked) words += " without the lock";
  if (!one.trusted) words += " without trust";
  const auto add = [&](std::string_view what, const std::string& which) {
    words += " (" + std::string(what) + " " + which + ")";
  };
  for (const auto& entry : one.ahead) add("ahead:", text(entry.first));
  for (const auto& entry : one.bad) add("damaged:", number(entry.first));
  for (const auto& entry : one.found) add("found:", number(entry.first));
  for (const auto& entry : one.rows) add("row:", number(entry.first));
  for (const auto& entry : one.left) add("left:", text(entry.first));
  return words;
}

}  // namespace

std::string describe(const scan::command& what) {
  return std::visit([](const auto& one) { return text(one); }, what);
}

std::string describe(const scan::response& said) {
  std::string words(word(said.what));
  const char* separator = ": ";
  for (const auto& one : said.names) {
    words += separator + text(one);
    separator = ", ";
  }
  return words;
}

std::string describe(const scan::state& s) {
  std::string words = "durable";
  for (const auto& [one, is] : s.durable) words += "; " + text(one) + " " + std::string(word(is));
  if (!s.pending.empty()) words += "; pending";
  for (const auto& one : s.pending) {
    std::string parts;
    for (const auto& part : one) append(parts, text(part.of) + " " + std::string(word(part.becomes)));
    words += "; " + parts;
  }
  for (const auto& [by, one] : s.lives) words += "; " + who(by) + " " + text(one);
  for (const auto& [one, by] : s.owners) words += "; " + text(one) + " is of " + who(by);
  return words;
}

}  // namespace wavetank::model
