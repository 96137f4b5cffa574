#include <wavetank/model/cache_index.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using index_of_cache = cache_index;
using state = index_of_cache::state;
using result = index_of_cache::result;
using response = index_of_cache::response;
using byte_count = index_of_cache::byte_count;
using tier_set = index_of_cache::tier_set;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

said answer_with(result what) { return response{what}; }
said row_of(generation_number generation) { return response{result::row, generation}; }

byte_count& in_use(state& s, tier where) { return s.in_use.at(static_cast<std::size_t>(where)); }

bool has_file(tier where) { return where != tier::ram; }
bool is_among(tier where, tier_set tiers) { return (tiers & index_of_cache::only(where)) != 0; }

using generation_of = index_of_cache::generation_of;
using blob = index_of_cache::blob;

/// Whether a generation of `key` is in its file in the tier `where`.
bool file_is_in_use(const state& s, key_number key, tier where) {
  return has_file(where) && std::any_of(s.blobs.begin(), s.blobs.end(), [&](const auto& entry) {
           return entry.first.key == key && entry.second.where == where;
         });
}

bool file_is_pinned(const state& s, key_number key, tier where) {
  return has_file(where) && std::any_of(s.blobs.begin(), s.blobs.end(), [&](const auto& entry) {
           return entry.first.key == key && entry.second.where == where && entry.second.pins != 0;
         });
}

/// Bytes of which neither the row nor a claim knows any more go.
void retire(state& s, const generation_of& name) {
  const blob was = *s.blobs.find(name);
  const auto* row = s.rows.find(name.key);
  const bool of_row = row != nullptr && (row->generation == name.generation || row->behind == name.generation);
  if (was.pins != 0 || of_row) return;
  s.blobs.erase(name);
  if (!file_is_in_use(s, name.key, was.where)) in_use(s, was.where) -= was.size;
}

void take_from_order(state& s, key_number key) {
  const auto* row = s.rows.find(key);
  s.order.erase({row->last_use, key});
}

/// A use counts from the later of the two: a clock that went back makes no row older.
void touch(state& s, key_number key, index_of_cache::seconds now) {
  take_from_order(s, key);
  auto* row = s.rows.find(key);
  row->last_use = std::max(row->last_use, now);
  s.order.put({row->last_use, key}, {});
}

/// Whether claims keep the row of `key`, or the file that would go with it.
bool is_pinned(const state& s, key_number key) {
  const auto* row = s.rows.find(key);
  const auto* bytes = s.blobs.find({key, row->generation});
  if (bytes->pins != 0 || file_is_pinned(s, key, bytes->where)) return true;
  const auto* behind = s.blobs.find({key, row->behind});
  return behind != nullptr && file_is_pinned(s, key, behind->where);
}

tier tier_of(const state& s, key_number key) { return s.blobs.find({key, s.rows.find(key)->generation})->where; }

std::optional<key_number> oldest_unpinned(const state& s, tier_set tiers) {
  for (const auto& entry : s.order) {
    const key_number key = entry.first.key;
    if (is_among(tier_of(s, key), tiers) && !is_pinned(s, key)) return key;
  }
  return std::nullopt;
}

/// Evicts rows and keeps the account of it. Each unlink takes the next bit of `way`, set: it fails.
class eviction {
 public:
  eviction(state& s, std::size_t way) : s_(s), way_(way) { told_.what = result::freed; }

  void evict(key_number key) {
    const auto row = *s_.rows.find(key);
    take_from_order(s_, key);
    s_.rows.erase(key);
    told_.evicted.push_back(key);
    for (const auto generation : {row.generation, row.behind}) {
      const auto* bytes = s_.blobs.find({key, generation});
      if (bytes == nullptr) continue;
      const blob going = *bytes;
      s_.blobs.erase({key, generation});
      settle(key, going.where, going.size);
    }
  }

  void retry(key_number key) {
    const auto left = *s_.evicting.find(key);
    s_.evicting.erase(key);
    settle(key, left.where, left.size);
  }

  [[nodiscard]] byte_count freed() const { return told_.bytes; }

  /// Empty for a way that is another way's double: it fails unlinks that were never tried.
  [[nodiscard]] said outcome() const { return way_ == 0 ? said{told_} : disabled; }

 private:
  void settle(key_number key, tier where, byte_count size) {
    const bool fails = has_file(where) && (way_ & 1U) != 0;
    if (has_file(where)) way_ >>= 1U;
    if (fails) {
      s_.evicting.put(key, {where, size});
      told_.failed.push_back(key);
      return;
    }
    in_use(s_, where) -= size;
    told_.bytes += size;
  }

  state& s_;
  std::size_t way_;
  response told_;
};

void put_row(state& s, const index_of_cache::install& c) {
  index_of_cache::row fresh{c.generation, c.last_use};
  std::optional<index_of_cache::row> old;
  if (const auto* there = s.rows.find(c.key)) {
    old = *there;
    fresh.last_use = std::max(fresh.last_use, old->last_use);
    const bool was_file = has_file(tier_of(s, c.key));
    if (!has_file(c.where)) fresh.behind = was_file ? old->generation : old->behind;
    take_from_order(s, c.key);
  }
  if (!file_is_in_use(s, c.key, c.where)) in_use(s, c.where) += c.size;
  s.blobs.put({c.key, c.generation}, {c.where, c.size});
  s.rows.put(c.key, fresh);
  s.order.put({fresh.last_use, c.key}, {});
  if (!old) return;
  retire(s, {c.key, old->generation});
  if (old->behind != 0) retire(s, {c.key, old->behind});
}

/// By how much `where` would exceed `quota` once `c` was installed.
byte_count excess(const state& s, const index_of_cache::install& c, byte_count quota) {
  state then = s;
  put_row(then, c);
  return in_use(then, c.where) > quota ? in_use(then, c.where) - quota : 0;
}

/// The rows that may be evicted for an install, the oldest first.
std::vector<key_number> candidates(const state& s, const index_of_cache::install& c) {
  std::vector<key_number> keys;
  for (const auto& entry : s.order) {
    const key_number key = entry.first.key;
    if (key != c.key && tier_of(s, key) == c.where && !is_pinned(s, key)) keys.push_back(key);
  }
  return keys;
}

byte_count bytes_of(const state& s, const std::vector<key_number>& keys) {
  byte_count sum = 0;
  for (const key_number key : keys) sum += s.blobs.find({key, s.rows.find(key)->generation})->size;
  return sum;
}

bool is_another_file(const state& s, const index_of_cache::install& c) {
  return has_file(c.where) && std::any_of(s.blobs.begin(), s.blobs.end(), [&](const auto& entry) {
           return entry.first.key == c.key && entry.second.where == c.where && entry.second.size != c.size;
         });
}

said carry(const index_of_cache& spec, state& s, const index_of_cache::install& c, std::size_t way) {
  if (is_another_file(s, c)) return disabled;
  if (s.evicting.contains(c.key)) return way == 0 ? answer_with(result::conflict) : disabled;
  const byte_count quota = spec.quotas.at(static_cast<std::size_t>(c.where)).value_or(~byte_count{0});
  const auto going = candidates(s, c);
  if (excess(s, c, quota) > bytes_of(s, going)) return way == 0 ? answer_with(result::over_quota) : disabled;
  eviction making_room{s, way};
  for (const key_number key : going) {
    if (excess(s, c, quota) == 0) break;
    making_room.evict(key);
  }
  auto told = making_room.outcome();
  if (!told) return disabled;
  told->what = excess(s, c, quota) == 0 ? result::ok : result::over_quota;
  if (told->what == result::ok) put_row(s, c);
  return told;
}

said carry(const index_of_cache&, state& s, const index_of_cache::checkout& c, std::size_t) {
  if (s.evicting.contains(c.key)) return answer_with(result::busy);
  const auto* row = s.rows.find(c.key);
  if (row == nullptr) return answer_with(result::miss);
  const auto generation = row->generation;
  touch(s, c.key, c.now);
  ++s.blobs.find({c.key, generation})->pins;
  s.claims.put(c.claim, {c.key, generation});
  return row_of(generation);
}

said carry(const index_of_cache&, state& s, const index_of_cache::checkin& c, std::size_t) {
  const auto* claim = s.claims.find(c.claim);
  if (claim == nullptr) return answer_with(result::no_op);
  const generation_of name = *claim;
  s.claims.erase(c.claim);
  --s.blobs.find(name)->pins;
  retire(s, name);
  return answer_with(result::ok);
}

said carry(const index_of_cache&, state& s, const index_of_cache::lookup_exact& c, std::size_t) {
  const auto* row = s.rows.find(c.key);
  return row == nullptr ? answer_with(result::miss) : row_of(row->generation);
}

said carry(const index_of_cache&, state& s, const index_of_cache::evict_bytes& c, std::size_t way) {
  eviction going{s, way};
  while (going.freed() < c.target) {
    const auto key = oldest_unpinned(s, c.tiers);
    if (!key) break;
    going.evict(*key);
  }
  return going.outcome();
}

said carry(const index_of_cache&, state& s, const index_of_cache::evict_oldest& c, std::size_t way) {
  eviction going{s, way};
  if (const auto key = oldest_unpinned(s, c.tiers)) going.evict(*key);
  return going.outcome();
}

said carry(const index_of_cache&, state& s, const index_of_cache::gc&, std::size_t way) {
  eviction going{s, way};
  const auto rows = s.order;
  for (const auto& entry : rows) {
    if (!is_pinned(s, entry.first.key)) going.evict(entry.first.key);
  }
  return going.outcome();
}

said carry(const index_of_cache&, state& s, const index_of_cache::retry& c, std::size_t way) {
  if (!s.evicting.contains(c.key)) return disabled;
  eviction going{s, way};
  going.retry(c.key);
  return going.outcome();
}

said carry(const index_of_cache&, state& s, const index_of_cache::bytes_in_use& c, std::size_t) {
  return response{result::bytes, 0, in_use(s, c.where)};
}

}  // namespace

std::size_t cache_index::ways(const state& s, const command& what) {
  const bool unlinks_many = std::holds_alternative<install>(what) || std::holds_alternative<evict_bytes>(what) ||
                            std::holds_alternative<gc>(what);
  if (unlinks_many) return std::size_t{1} << s.rows.size();
  return std::holds_alternative<evict_oldest>(what) || std::holds_alternative<retry>(what) ? 2 : 1;
}

std::optional<cache_index::response> cache_index::carry_out(state& s, const command& what, std::size_t way) const {
  return std::visit([&](const auto& one) { return carry(*this, s, one, way); }, what);
}

}  // namespace wavetank::model
