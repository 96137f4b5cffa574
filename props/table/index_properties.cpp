#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/model/cache_index.h>
#include <wavetank/model/lockstep.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/running.h>
#include <wavetank/props/table/index_words.h>
#include <wavetank/props/table/recording_keeper.h>
#include <wavetank/props/table/table_properties.h>
#include <wavetank/props/table/table_words.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

namespace {

using spec = model::cache_index;
using result = spec::result;

/// Sizes differ from key to key, and are always the same for a key.
std::uint64_t size_of(model::key_number key) { return 10 * key; }

/// Files that are there or not, and that may refuse to go.
class index_keeper final : public file_keeper {
 public:
  io_result<file_sight> adopt(const cache_key&, cache_tier, const std::string&) override {
    sim::require(false, "nobody dies and nothing expires here, but a file is to be adopted");
    return no_file{};
  }
  io_result<std::uint64_t> remove(cache_tier, const std::string& path) override {
    const auto key = static_cast<model::key_number>(std::stoull(path.substr(path.find('/') + 1)));
    if (files.count(key) == 0) return std::uint64_t{0};
    if (stuck.erase(key) != 0) return tl::make_unexpected(io_error{io_call::unlink, EIO});
    files.erase(key);
    return size_of(key);
  }
  void record_use(const std::string&, std::uint32_t, std::uint64_t) override {}

  std::set<model::key_number> files;
  std::set<model::key_number> stuck;
};

class index_run {
 public:
  index_run(sim::world& w, const program& p)
      : world_(w), model_{quotas(p)}, judge_(model_), table_(w.runtime(), keeper_, options(p)) {
    for (const step& s : p.prefix) perform(s);
    for (model::key_number key = 1; key <= index_keys; ++key) lookup(key);
    bytes();
    claims_.clear();
    keeper_.stuck.clear();
    table_.sweep();
    table_.gc();
    sim::require(keeper_.files.empty(), "a file outlives its row");
    for (const auto in_use : table_.counters().bytes_in_use) sim::require(in_use == 0, "bytes are in use of nothing");
  }

 private:
  static std::array<std::optional<std::uint64_t>, 3> quotas(const program& p) {
    const auto quota = [](std::uint64_t bytes) { return bytes != 0 ? std::optional{bytes} : std::nullopt; };
    return {quota(p.settings[0]), std::nullopt, quota(p.settings[1])};
  }
  static reservation_table_options options(const program& p) {
    reservation_table_options chosen;
    chosen.quota_bytes = quotas(p);
    return chosen;
  }

  std::uint64_t now_s() {
    return static_cast<std::uint64_t>(sim::scheduler::here().unix_time().time_since_epoch().count());
  }

  /// The table said this; the model must allow it. What was evicted for an install nobody is told in its order.
  void observe(const spec::command& what, const spec::response& said) {
    const bool as_sets = std::holds_alternative<spec::install>(what);
    const auto seen = as_sets ? sorted(said) : said;
    std::string allowed;
    for (const auto& one : judge_.allowed(what)) {
      if ((as_sets ? sorted(one) : one) == seen) {
        static_cast<void>(judge_.observe(what, one));
        return;
      }
      allowed += " " + model::describe(one);
    }
    world_.fail(sim::verdict_kind::not_linearizable,
                model::describe(what) + " -> " + model::describe(said) + ", but the model allows:" + allowed);
  }
  static spec::response sorted(spec::response one) {
    std::sort(one.evicted.begin(), one.evicted.end());
    std::sort(one.failed.begin(), one.failed.end());
    return one;
  }

  std::set<model::key_number> readable() {
    std::set<model::key_number> keys;
    for (model::key_number key = 1; key <= index_keys; ++key) {
      if (table_.dump(table_key(key)) && table_.dump(table_key(key))->status == row_status::available) keys.insert(key);
    }
    return keys;
  }
  bool is_evicting(model::key_number key) {
    const auto told = table_.dump(table_key(key));
    return told && told->status == row_status::evicting;
  }

  /// `put_in(content)` answers whether it was installed, or refused for the quota.
  template <class Put>
  void install(model::key_number key, model::tier tier, std::uint64_t age_s, Put&& put_in) {
    const auto generation = ++last_number_;
    const std::uint64_t last_use_s = now_s() - age_s;
    row_content content = numbered_content(generation, size_of(key));
    content.last_use_s = last_use_s;
    const auto before = readable();
    const spec::response said = put_in(std::move(content));
    const auto after = readable();
    spec::response seen{said.what};
    for (const auto gone : before) {
      if (after.count(gone) != 0) continue;
      seen.evicted.push_back(gone);
      if (is_evicting(gone)) seen.failed.push_back(gone);
      seen.bytes += freed_of(gone);
    }
    if (!seen.evicted.empty()) reached("evicted for a quota");
    if (said.what == result::over_quota) reached("over quota");
    observe(spec::install{key, generation, tier, size_of(key), last_use_s}, seen);
    remember_tier(key, tier, said.what == result::ok);
  }

  /// Of a row that has gone: its memory, and its file if that went too.
  std::uint64_t freed_of(model::key_number key) {
    const bool file_went = in_file_[key] && keeper_.files.count(key) == 0;
    const std::uint64_t freed = (in_memory_[key] ? size_of(key) : 0) + (file_went ? size_of(key) : 0);
    in_memory_[key] = false;
    in_file_[key] = in_file_[key] && !file_went;
    return freed;
  }
  void remember_tier(model::key_number key, model::tier tier, bool installed) {
    if (!installed) return;
    in_memory_[key] = tier == model::tier::ram;
    if (tier != model::tier::ram) in_file_[key] = true;
  }

  void save(model::key_number key, std::uint64_t age_s, bool unreserved) {
    keeper_.stuck.erase(key);  // a file that is not taken goes at once
    const bool present = readable().count(key) != 0;
    const cache_tier tier = file_tier_of(key);
    const auto model_tier = static_cast<model::tier>(tier);  // the model's tiers are the cache's
    const bool has_quota = model_.quotas[static_cast<std::size_t>(tier)].has_value();
    if (is_evicting(key) || (present && keeper_.files.count(key) == 0 && has_quota)) return;
    keeper_.files.insert(key);
    install(key, model_tier, age_s, [&](row_content content) -> spec::response {
      content.path = table_path(key);
      if (present || unreserved) {
        const auto got = table_.insert_available(table_key(key), tier, content);
        sim::require(got || got.error() == insert_refusal::over_quota, "an insert was refused");
        return {got ? result::ok : result::over_quota};
      }
      const auto token = table_.reserve_save(table_key(key), tier, content.path);
      sim::require(token.has_value() && table_.mark_published(*token).has_value(), "a writer alone was refused");
      const auto got = table_.announce_saved(*token, content);
      sim::require(got || got.error() == save_refusal::over_quota, "an announcement was refused");
      return {got ? result::ok : result::over_quota};
    });
    sim::require(readable().count(key) != 0 || keeper_.files.count(key) == 0, "over quota, but the file is left");
  }

  void put(model::key_number key, std::uint64_t age_s) {
    if (is_evicting(key)) return;
    install(key, model::tier::ram, age_s, [&](row_content content) -> spec::response {
      content.bytes = std::make_shared<std::vector<std::byte>>(1);
      const auto got = table_.insert_available(table_key(key), cache_tier::ram, content);
      sim::require(got || got.error() == insert_refusal::over_quota, "an insert was refused");
      return {got ? result::ok : result::over_quota};
    });
  }

  void checkout(std::uint64_t label, model::key_number key) {
    const auto number = ++last_number_;
    const auto at = now_s();
    auto got = table_.checkout(table_key(key));
    const auto refused = [&] { return got.error() == checkout_refusal::miss ? result::miss : result::busy; };
    observe(spec::checkout{number, key, at},
            got ? spec::response{result::row, number_of(got->content())} : spec::response{refused()});
    if (got && claims_.count(label) == 0)
      claims_.emplace(label, std::pair{number, std::move(*got)});
    else if (got)
      observe(spec::checkin{number}, {got->check_in() ? result::ok : result::no_op});
  }
  void checkin(std::uint64_t label) {
    const auto found = claims_.find(label);
    if (found == claims_.end()) return;
    auto& [number, claim] = found->second;
    observe(spec::checkin{number}, {claim.check_in() ? result::ok : result::no_op});
  }
  void lookup(model::key_number key) {
    const auto row = table_.lookup_exact(table_key(key));
    observe(spec::lookup_exact{key},
            row ? spec::response{result::row, number_of(row->content)} : spec::response{result::miss});
  }

  spec::response told(const eviction& done) {
    spec::response said{result::freed, 0, done.bytes_freed, {}, {}};
    for (const auto& key : done.evicted) {
      said.evicted.push_back(number_of(key));
      freed_of(number_of(key));
    }
    for (const auto& key : done.failed) said.failed.push_back(number_of(key));
    if (!said.failed.empty()) reached("an unlink failed");
    return said;
  }
  void evict_bytes(std::uint64_t target, std::uint64_t tiers) {
    std::vector<cache_tier> chosen;
    for (const auto tier : cache_tiers) {
      if ((tiers >> static_cast<unsigned>(tier) & 1U) != 0) chosen.push_back(tier);
    }
    observe(spec::evict_bytes{target, static_cast<spec::tier_set>(tiers)}, told(table_.evict_bytes(target, chosen)));
  }
  void gc() { observe(spec::gc{}, told(table_.gc())); }

  /// A sweep tries every unlink again, one key after the other.
  void retry() {
    std::vector<std::pair<model::key_number, bool>> tried;
    for (model::key_number key = 1; key <= index_keys; ++key) {
      if (is_evicting(key)) tried.emplace_back(key, keeper_.stuck.count(key) != 0);
    }
    table_.sweep();
    for (const auto& [key, fails] : tried) {
      spec::response said{result::freed, 0, fails ? 0 : size_of(key), {}, {}};
      if (fails) said.failed.push_back(key);
      in_file_[key] = fails;
      observe(spec::retry{key}, said);
    }
  }
  void bytes() {
    const auto in_use = table_.counters().bytes_in_use;
    for (const auto tier : {model::tier::ram, model::tier::ram_file, model::tier::disk}) {
      observe(spec::bytes_in_use{tier}, {result::bytes, 0, in_use[static_cast<std::size_t>(tier)], {}, {}});
    }
  }

  void perform(const step& s) {
    const auto& o = s.operands;
    switch (static_cast<index_verb>(s.verb)) {
      case index_verb::save:
        return save(o[0], o[1], o[2] != 0);
      case index_verb::put:
        return put(o[0], o[1]);
      case index_verb::checkout:
        return checkout(s.result, o[0]);
      case index_verb::checkin:
        return checkin(o[0]);
      case index_verb::lookup:
        return lookup(o[0]);
      case index_verb::evict_bytes:
        return evict_bytes(o[0], o[1]);
      case index_verb::gc:
        return gc();
      case index_verb::retry:
        return retry();
      case index_verb::bytes:
        return bytes();
      case index_verb::sleep:
        return world_.runtime().sleep_until(clock_now() + std::chrono::seconds(o[0]));
      case index_verb::jump_back:
        return sim::scheduler::here().jump_wall_clock(-std::chrono::seconds(o[0]));
      case index_verb::fail:
        keeper_.stuck.insert(o[0]);
        return;
    }
  }

  sim::world& world_;
  const spec model_;
  model::lockstep<spec> judge_;
  index_keeper keeper_;
  reservation_table<sim::runtime> table_;
  std::map<std::uint64_t, std::pair<model::claim_number, row_claim<sim::runtime>>> claims_;
  std::map<model::key_number, bool> in_memory_;
  std::map<model::key_number, bool> in_file_;
  std::uint64_t last_number_ = 0;
};

}  // namespace

std::vector<std::unique_ptr<const sim::property>> cache_index_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  all.push_back(std::make_unique<program_property>(
      in_turn({"cache.index.lockstep",
               "what is evicted, in which order, and how many bytes that frees, is what the model says; with quotas",
               index_words(),
               [](sim::world& w, const program& p) {
                 index_run{w, p};
               },
               {},
               {"evicted for a quota", "over quota", "an unlink failed"}})));
  return all;
}

}  // namespace wavetank::props
