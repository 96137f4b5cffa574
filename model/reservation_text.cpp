// How the commands, responses and states of reservations read in stories.
#include <string_view>

#include <wavetank/model/names.h>
#include <wavetank/model/reservation.h>

namespace wavetank::model {
namespace {

using namespace names;

using table = reservation;

std::string_view name(table::result what) {
  switch (what) {
    case table::result::reserved:
      return "reserved";
    case table::result::already_present:
      return "already present";
    case table::result::conflict:
      return "conflict";
    case table::result::recovering:
      return "recovering";
    case table::result::unsupported_tier:
      return "unsupported tier";
    case table::result::ok:
      return "ok";
    case table::result::no_op:
      return "no op";
    case table::result::expired:
      return "expired";
    case table::result::not_linked:
      return "not linked";
    case table::result::over_quota:
      return "over quota";
    case table::result::row:
      return "row";
    case table::result::miss:
      return "miss";
    case table::result::busy:
      return "busy";
    case table::result::queued:
      return "queued";
    case table::result::withdrawn:
      return "withdrawn";
    case table::result::too_late:
      return "too late";
    case table::result::evicting:
      return "evicting";
    case table::result::evicted:
      return "evicted";
    case table::result::skipped:
      return "skipped";
    case table::result::found_valid:
      return "found valid";
    case table::result::found_invalid:
      return "found invalid";
    case table::result::found_nothing:
      return "found nothing";
    case table::result::adopted:
      return "adopted";
    case table::result::gone:
      return "gone";
    case table::result::again:
      return "again";
    case table::result::unlinked:
      return "unlinked";
    case table::result::failed:
      return "failed";
    case table::result::linked:
      return "linked";
    case table::result::exists:
      return "exists";
    case table::result::done:
      return "done";
  }
  return "?";
}

std::string_view name(table::reason why) {
  switch (why) {
    case table::reason::none:
      return "none";
    case table::reason::cancelled:
      return "cancelled";
    case table::reason::owner_died:
      return "owner died";
    case table::reason::expired:
      return "expired";
    case table::reason::invalid:
      return "invalid";
    case table::reason::over_quota:
      return "over quota";
    case table::reason::evicted:
      return "evicted";
    case table::reason::deadline:
      return "deadline";
  }
  return "?";
}

std::string_view name(table::sight found) {
  switch (found) {
    case table::sight::not_looked:
      return "";
    case table::sight::nothing:
      return ", found nothing";
    case table::sight::valid:
      return ", found valid";
    case table::sight::invalid:
      return ", found invalid";
  }
  return "?";
}

std::string text(const table::reserve_save& c) {
  return task_name(c.owner) + " reserves " + key_name(c.key) + " on " + tier_name(c.where) + " (" +
         token_name(c.token) + ")";
}
std::string text(const table::check_reservation& c) { return token_name(c.token) + " is checked"; }
std::string text(const table::mark_published& c) { return token_name(c.token) + " is marked published"; }
std::string text(const table::announce_saved& c) {
  return token_name(c.token) + " is announced as " + generation_name(c.generation);
}
std::string text(const table::insert_available& c) {
  return key_name(c.key) + " is inserted in " + tier_name(c.where) + " as " + generation_name(c.generation);
}
std::string text(const table::cancel_reservation& c) { return token_name(c.token) + " is cancelled"; }
std::string text(const table::abandon_reservation& c) { return token_name(c.token) + " is abandoned"; }
std::string text(const table::checkout& c) {
  return task_name(c.owner) + " checks out " + key_name(c.key) + " (" + claim_name(c.claim) + ")";
}
std::string text(const table::checkin& c) { return claim_name(c.claim) + " is checked in"; }
std::string text(const table::report_corrupt& c) { return claim_name(c.claim) + " is found corrupt"; }
std::string text(const table::lookup_exact& c) { return key_name(c.key) + " is looked up"; }
std::string text(const table::lookup_or_wait& c) {
  return task_name(c.task) + " looks up " + key_name(c.key) + " or waits" + how_long(c.waits) + " (" +
         call_name(c.call) + ")";
}
std::string text(const table::answer& c) { return call_name(c.call) + " returns"; }
std::string text(const table::time_out& c) { return call_name(c.call) + " times out"; }
std::string text(const table::evict& c) { return key_name(c.key) + " is to be evicted"; }
std::string text(const table::gc&) { return "all rows are to be evicted"; }
std::string text(const table::validate& c) { return "the file of " + key_name(c.key) + " is validated"; }
std::string text(const table::settle& c) {
  return key_name(c.key) + " is settled, " + generation_name(c.generation) + " if adopted";
}
std::string text(const table::unlink& c) { return "the file of " + key_name(c.key) + " is unlinked"; }
std::string text(const table::end_eviction& c) { return "the eviction of " + key_name(c.key) + " ends"; }
std::string text(const table::sweep&) { return "sweep"; }
std::string text(const table::link& c) { return "the writer of " + token_name(c.writer) + " links " + key_name(c.key); }
std::string text(const table::expire& c) { return token_name(c.token) + " expires"; }
std::string text(const table::owner_dies& c) { return task_name(c.task) + " dies"; }
std::string text(const table::rot& c) { return "the file of " + key_name(c.key) + " rots"; }
std::string text(const table::crash&) { return "crash"; }
std::string text(const table::restart& c) { return "restart from " + generation_name(c.generation); }

std::string why_text(table::reason why) { return why == table::reason::none ? "" : ", " + std::string(name(why)); }

std::string text(const table::row& one) {
  const std::string again = one.look_again ? ", to be looked at again" : "";
  switch (one.is) {
    case table::status::pre_link:
    case table::status::post_link:
      return std::string(one.is == table::status::pre_link ? "writing" : "published") + " by " + token_name(one.token) +
             " of " + task_name(one.owner) + (one.expired ? ", expired" : "");
    case table::status::available:
      return generation_name(one.generation) + " in " + tier_name(one.where) +
             (one.backed && one.where == tier::ram ? " with a file behind" : "");
    case table::status::adopting:
      return "adopting" + std::string(name(one.found)) + why_text(one.why) + again;
    case table::status::evicting:
      return "evicting" + std::string(one.unlinked ? ", unlinked" : "") + why_text(one.why) + again;
  }
  return "?";
}

}  // namespace

std::string describe(const table::command& what) {
  return std::visit([](const auto& one) { return text(one); }, what);
}

std::string describe(const table::response& said) {
  std::string words(name(said.what));
  if (said.what == table::result::row) words += " " + generation_name(said.generation);
  return words + why_text(said.why);
}

std::string describe(const table::state& s) {
  std::string words = s.down ? "down" : "up";
  for (const auto& [key, one] : s.rows) words += "; " + key_name(key) + ": " + text(one);
  for (const auto& [key, one] : s.files) {
    words += "; file " + number(key) + (one.valid ? "" : " invalid") + (one.durable ? " durable" : "");
  }
  for (const auto& [of, one] : s.generations) {
    if (one.pins != 0) {
      words += "; " + key_name(of.key) + " " + generation_name(of.generation) + (one.corrupt ? " (corrupt)" : "") +
               " pinned " + number(one.pins);
    }
  }
  for (const auto& [claim, one] : s.claims) words += "; " + claim_name(claim) + " of " + task_name(one.owner);
  for (const auto& [token, one] : s.stragglers)
    words += "; straggler " + token_name(token) + " on " + key_name(one.key);
  for (const auto& one : s.queue) words += "; " + call_name(one.call) + " waits for " + key_name(one.key);
  for (const auto& [call, one] : s.unheard) {
    words += "; " + call_name(call) + " to return " +
             (one.why == table::reason::none ? generation_name(one.generation) : "miss" + why_text(one.why));
  }
  for (const auto& entry : s.dead) words += "; " + task_name(entry.first) + " dead";
  return words;
}

std::ostream& operator<<(std::ostream& out, const table::response& said) { return out << describe(said); }
std::ostream& operator<<(std::ostream& out, const table::state& s) { return out << describe(s); }

}  // namespace wavetank::model
