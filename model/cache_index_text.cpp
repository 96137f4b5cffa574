// How the cache index's commands, responses and states read in stories.
#include <string_view>

#include <wavetank/model/cache_index.h>
#include <wavetank/model/names.h>

namespace wavetank::model {
namespace {

using namespace names;

using index_of_cache = cache_index;

std::string names(index_of_cache::tier_set tiers) {
  if (tiers == index_of_cache::all_tiers) return "all tiers";
  std::string words;
  for (const tier one : {tier::ram, tier::ram_file, tier::disk}) {
    if ((tiers & index_of_cache::only(one)) != 0) words += (words.empty() ? "" : ", ") + tier_name(one);
  }
  return words.empty() ? "no tier" : words;
}

std::string_view name(index_of_cache::result what) {
  switch (what) {
    case index_of_cache::result::ok:
      return "ok";
    case index_of_cache::result::over_quota:
      return "over quota";
    case index_of_cache::result::conflict:
      return "conflict";
    case index_of_cache::result::row:
      return "row";
    case index_of_cache::result::miss:
      return "miss";
    case index_of_cache::result::busy:
      return "busy";
    case index_of_cache::result::no_op:
      return "no op";
    case index_of_cache::result::freed:
      return "freed";
    case index_of_cache::result::bytes:
      return "bytes";
  }
  return "?";
}

std::string list(const char* before, const std::vector<key_number>& keys) {
  std::string words;
  for (const key_number key : keys) words += (words.empty() ? before : " ") + number(key);
  return words;
}

std::string text(const index_of_cache::install& c) {
  return key_name(c.key) + " is installed in " + tier_name(c.where) + " as " + generation_name(c.generation) +
         ", size " + number(c.size) + ", last use " + number(c.last_use);
}
std::string text(const index_of_cache::checkout& c) {
  return key_name(c.key) + " is checked out at " + number(c.now) + " (" + claim_name(c.claim) + ")";
}
std::string text(const index_of_cache::checkin& c) { return claim_name(c.claim) + " is checked in"; }
std::string text(const index_of_cache::lookup_exact& c) { return key_name(c.key) + " is looked up"; }
std::string text(const index_of_cache::evict_bytes& c) {
  return number(c.target) + " bytes are to be evicted from " + names(c.tiers);
}
std::string text(const index_of_cache::evict_oldest& c) { return "the oldest row of " + names(c.tiers) + " is to go"; }
std::string text(const index_of_cache::gc&) { return "all rows are to be evicted"; }
std::string text(const index_of_cache::retry& c) { return "the unlink of " + key_name(c.key) + " is tried again"; }
std::string text(const index_of_cache::bytes_in_use& c) { return "bytes in " + tier_name(c.where); }

}  // namespace

std::string describe(const index_of_cache::command& what) {
  return std::visit([](const auto& one) { return text(one); }, what);
}

std::string describe(const index_of_cache::response& said) {
  std::string words(name(said.what));
  if (said.what == index_of_cache::result::row) words += " " + generation_name(said.generation);
  const bool counts = said.what == index_of_cache::result::freed || said.what == index_of_cache::result::bytes;
  if (counts || said.bytes != 0) words += " " + number(said.bytes);
  return words + list(", evicted ", said.evicted) + list(", failed ", said.failed);
}

std::string describe(const index_of_cache::state& s) {
  std::string words;
  for (const auto& entry : s.order) {
    words += (words.empty() ? "" : "; ") + key_name(entry.first.key) + " used " + number(entry.first.last_use);
    const auto* row = s.rows.find(entry.first.key);
    if (row == nullptr) continue;
    words += " " + generation_name(row->generation);
    if (row->behind != 0) words += " with the file of " + generation_name(row->behind) + " behind";
  }
  if (words.empty()) words = "no rows";
  for (const auto& [of, one] : s.blobs) {
    words += "; " + key_name(of.key) + " " + generation_name(of.generation) + ": " + number(one.size) + " in " +
             tier_name(one.where) + (one.pins == 0 ? "" : ", pinned " + number(one.pins));
  }
  for (const auto& [key, one] : s.evicting) words += "; " + key_name(key) + " evicting " + number(one.size);
  return words;
}

std::ostream& operator<<(std::ostream& out, const index_of_cache::response& said) { return out << describe(said); }
std::ostream& operator<<(std::ostream& out, const index_of_cache::state& s) { return out << describe(s); }

}  // namespace wavetank::model
