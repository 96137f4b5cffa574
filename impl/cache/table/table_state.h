// The table without its lock: every transition of a key on plain data, no file and no waiting.
//
// All of it is guarded by the table's mutex, but for the index, which readers use without. `model/reservation.h` says
// what is right.
#pragma once

#include <wavetank/impl/cache/table/answers.h>
#include <wavetank/impl/cache/table/generation.h>
#include <wavetank/impl/cache/table/read_epochs.h>
#include <wavetank/impl/cache/table/row_index.h>
#include <wavetank/impl/cache/table/table_entry.h>
#include <wavetank/impl/cache/table/use_order.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wavetank::table_detail {

/// A reservation that expired and was recovered behind its writer, who may still link.
struct straggler {
  cache_key key;
  task_id owner;
  place target;
};

template <runtime R>
class table_state {
 public:
  using entry = table_entry<R>;
  using time_point = typename R::time_point;
  using row = generation<R>;

  table_state(row_index<R>& index, read_epochs<R>& epochs) : index_(index), epochs_(epochs) {}

  entry* find(const cache_key& key) {
    const auto found = entries_.find(key);
    return found != entries_.end() ? &found->second : nullptr;
  }
  const auto& entries() const noexcept { return entries_; }
  const use_order& order() const noexcept { return order_; }

  cache_counters counters;

  // Reservations ----------------------------------------------------------------------------------------------------

  /// Of a key that is absent.
  reservation_token reserve(const cache_key& key, const place& target, task_id owner, time_point expiry) {
    entry& fresh = entries_[key];
    fresh.status = row_status::pre_link;
    fresh.token = ++last_token_;
    fresh.owner = owner;
    fresh.expiry = expiry;
    fresh.target = target;
    writing_.insert(key);
    return {key, fresh.token};
  }

  /// The entry of a reservation that is not stale.
  entry* find_live(const reservation_token& token, time_point now) {
    entry* const found = find_reservation(token);
    return found != nullptr && now < found->expiry ? found : nullptr;
  }

  /// The reservation there has ended, and its writer knows or is dead: what it may have left is to be looked at, or
  /// (`evicting`) removed unseen.
  void end_reservation(const cache_key& key, entry& there, row_status next, miss_reason why) {
    assert(there.is_writing() && (next == row_status::adopting || next == row_status::evicting));
    assert(there.files.empty());
    writing_.erase(key);
    there.file_at(there.target);
    there.forget_target();
    begin_work(key, there, next, why);
  }

  /// The same of an expired one whose writer does not know yet.
  void recover_behind_writer(const cache_key& key, entry& there) {
    stragglers_[there.token] = {key, there.owner, there.target};
    end_reservation(key, there, row_status::adopting, miss_reason::expired);
  }

  /// A writer learns that its reservation has ended: the key is to be looked at, if it was not since.
  void hand_over(const reservation_token& token) {
    if (entry* const stale = find_reservation(token)) {
      return end_reservation(token.key, *stale, row_status::adopting, miss_reason::expired);
    }
    const auto late = stragglers_.find(token.number);
    if (late == stragglers_.end() || late->second.key != token.key) return;
    const straggler was = late->second;
    stragglers_.erase(late);
    look_again(was);
  }

  /// Recovers what has expired, and has every straggler's key looked at again.
  void expire(time_point now) {
    for (const auto& late : stragglers_) look_again(late.second);
    const auto keys = writing_;
    for (const auto& key : keys) {
      if (entry& there = *find(key); now >= there.expiry) recover_behind_writer(key, there);
    }
  }

  /// Its reservations are to be recovered, and nothing more will come of its late ones.
  void writer_died(task_id owner) {
    const auto keys = writing_;
    for (const auto& key : keys) {
      entry& there = *find(key);
      if (there.owner == owner) end_reservation(key, there, row_status::adopting, miss_reason::owner_died);
    }
    for (auto late = stragglers_.begin(); late != stragglers_.end();) {
      if (late->second.owner != owner) {
        ++late;
        continue;
      }
      const straggler was = late->second;
      late = stragglers_.erase(late);
      look_again(was);
    }
  }

  // Rows ------------------------------------------------------------------------------------------------------------

  /// What the tier would have in use with this content as the key's row.
  std::uint64_t in_use_with(const cache_key& key, cache_tier tier, const row_content& content) {
    std::uint64_t bytes = in_use(tier) + content.size_bytes;
    const entry* const there = find(key);
    if (there == nullptr) return bytes;
    if (has_files(tier)) {
      for (const auto& file : there->files) {
        if (file->at == place{tier, content.path}) bytes -= file->size_bytes;
      }
    } else if (there->current != nullptr && there->current->tier == tier && there->current->pins == 0) {
      bytes -= there->current->content.size_bytes;
    }
    return bytes;
  }

  /// Puts a row there, in the place of what the key was before, and tells who waits for it.
  const row& install(const cache_key& key, cache_tier tier, row_content content) {
    entry& there = entries_[key];
    if (there.is_writing()) writing_.erase(key);
    todo_.erase(key);
    std::shared_ptr<stored_file> file;
    if (has_files(tier)) {
      file = there.file_at({tier, content.path});
      in_use(tier) += content.size_bytes - file->size_bytes;
      file->size_bytes = content.size_bytes;
    } else {
      in_use(tier) += content.size_bytes;
    }
    for (const place& at : there.again) there.file_at(at);
    const std::uint64_t last_use_s = std::max(content.last_use_s, there.last_use_s);
    auto fresh = std::make_shared<row>(key, tier, ++last_generation_, std::move(content), std::move(file));
    index_.put(*fresh, epochs_);
    if (there.current != nullptr) {
      order_.remove(key, there.last_use_s);
      end_generation(there.current);
    }
    there.status = row_status::available;
    there.forget_target();
    there.again.clear();
    there.current = std::move(fresh);
    there.last_use_s = last_use_s;
    order_.add(key, last_use_s);
    assert(order_.size() == index_.size());
    tell_waiters(there, there.current);
    return *there.current;
  }

  /// A use at this Unix time; one that lies before the last does not make the row older.
  void touch(const cache_key& key, entry& there, std::uint64_t now_s) {
    if (has_files(there.current->tier) && !std::exchange(there.use_unrecorded, true)) unrecorded_.push_back(key);
    if (now_s <= there.last_use_s) return;
    order_.move(key, there.last_use_s, now_s);
    there.last_use_s = now_s;
  }

  void pin(row& of) noexcept {
    ++of.pins;
    if (of.file != nullptr) ++of.file->pins;
  }
  void unpin(row& of) noexcept {
    assert(of.pins != 0);
    --of.pins;
    if (of.file != nullptr) --of.file->pins;
    if (!of.current && of.pins == 0) memory_is_gone(of);
  }

  /// The row can no longer be read. What it had in memory is free (returned); its files, if any, are to be removed.
  std::uint64_t evict(const cache_key& key, entry& there, miss_reason why) {
    assert(!there.is_pinned());
    const row& was = *there.current;
    const std::uint64_t freed = has_files(was.tier) ? 0 : was.content.size_bytes;
    ++counters.evictions;
    end_row(key, there);
    if (there.files.empty()) {
      become_absent(key, why);
    } else {
      begin_work(key, there, row_status::evicting, why);
    }
    return freed;
  }

  /// The oldest row for which `wanted(key, entry)`.
  template <class Predicate>
  std::optional<cache_key> oldest(Predicate&& wanted) {
    for (const auto& use : order_) {
      if (wanted(use.key, *find(use.key))) return use.key;
    }
    return std::nullopt;
  }

  /// A file was not taken: it goes now if the key is absent, else with the key's row.
  void drop_file(const cache_key& key, const place& at, miss_reason why) {
    entry& there = entries_[key];
    there.file_at(at);
    if (there.status != row_status::available) begin_work(key, there, row_status::evicting, why);
  }

  /// The bytes of a generation are corrupt. If the key's row is made of them, it ends: it is evicted with its files,
  /// or, if it was in memory, the files behind it are looked at.
  void condemn(row& found) {
    if (has_files(found.tier) ? std::exchange(found.file->condemned, true) : std::exchange(found.corrupt, true)) return;
    if (has_files(found.tier)) ++counters.corrupt_files;
    entry* const there = find(found.key);
    if (there == nullptr || there->status != row_status::available) return;
    if (has_files(found.tier)) {
      // A file that is claimed stays its key's until it is condemned: this one is the row's, or was until it was
      // replaced.
      assert(std::find(there->files.begin(), there->files.end(), found.file) != there->files.end());
      end_row(found.key, *there);
      return begin_work(found.key, *there, row_status::evicting, miss_reason::invalid);
    }
    if (!found.current) return;
    end_row(found.key, *there);
    if (there->files.empty()) return become_absent(found.key, miss_reason::invalid);
    begin_work(found.key, *there, row_status::adopting, miss_reason::invalid);
  }

  // Work off the lock -----------------------------------------------------------------------------------------------

  /// The keys whose files nobody may have looked at, or removed, yet.
  const std::set<cache_key>& todo() const noexcept { return todo_; }

  /// A file of an adopting key is not valid: it is to be removed.
  void reject_file(entry& there, const std::shared_ptr<stored_file>& file) {
    if (!std::exchange(file->condemned, true)) ++counters.corrupt_files;
    there.why = miss_reason::invalid;
  }

  /// It was removed, or has not been there.
  void file_is_gone(entry& there, const std::shared_ptr<stored_file>& file) {
    in_use(file->at.tier) -= file->size_bytes;
    file->condemned = true;
    std::erase(there.files, file);
  }

  /// No file of an adopting key is valid: the rejected ones are all that it still has.
  void end_adoption(const cache_key& key, entry& there) {
    assert(there.status == row_status::adopting);
    if (there.files.empty()) return end_work(key, there);
    there.status = row_status::evicting;
  }

  /// All files of an evicting key are gone.
  void end_eviction(const cache_key& key, entry& there) {
    assert(there.status == row_status::evicting);
    end_work(key, there);
  }

  /// Rows whose files say an older use.
  std::vector<cache_key> take_unrecorded() { return std::exchange(unrecorded_, {}); }

  /// The table is gone.
  void clear() {
    for (auto& [key, there] : entries_) {
      assert(there.waiters.empty());
      if (there.current != nullptr) end_row(key, there);
    }
    entries_.clear();
  }

 private:
  entry* find_reservation(const reservation_token& token) {
    entry* const there = find(token.key);
    return there != nullptr && there->is_writing() && there->token == token.number ? there : nullptr;
  }

  void begin_work(const cache_key& key, entry& there, row_status what, miss_reason why) {
    there.status = what;
    there.why = why;
    todo_.insert(key);
  }

  /// No file of a straggler may be forgotten. A live writer meets it itself.
  void look_again(const straggler& late) {
    entry& there = entries_[late.key];
    if (there.is_writing()) return;
    if (there.status == row_status::available) {
      there.file_at(late.target);
    } else if (todo_.count(late.key) != 0) {
      if (std::find(there.again.begin(), there.again.end(), late.target) == there.again.end()) {
        there.again.push_back(late.target);
      }
    } else {  // it was absent
      there.file_at(late.target);
      begin_work(late.key, there, row_status::adopting, miss_reason::expired);
    }
  }

  /// The key has no file, unless a straggler has linked one since.
  void end_work(const cache_key& key, entry& there) {
    assert(there.files.empty());
    if (there.again.empty()) return become_absent(key, there.why);
    for (const place& at : std::exchange(there.again, {})) there.file_at(at);
    there.status = row_status::adopting;
  }

  void become_absent(const cache_key& key, miss_reason why) {
    const auto there = entries_.find(key);
    todo_.erase(key);
    tell_waiters(there->second, tl::make_unexpected(why));
    entries_.erase(there);
  }

  void tell_waiters(entry& there, const typename row_waiter<R>::verdict& what) {
    while (!there.waiters.empty()) {
      row_waiter<R>& first = *there.waiters.front();
      there.waiters.remove(first);
      first.decide(what);
    }
  }

  /// The key's row can no longer be found.
  void end_row(const cache_key& key, entry& there) {
    order_.remove(key, there.last_use_s);
    index_.erase(key);
    assert(order_.size() == index_.size());
    end_generation(there.current);
    there.current = nullptr;
    there.last_use_s = 0;
    there.use_unrecorded = false;
  }

  void end_generation(std::shared_ptr<row> was) {
    was->current = false;
    if (was->pins == 0) memory_is_gone(*was);
    epochs_.retire(std::move(was));
  }

  void memory_is_gone(const row& was) noexcept {
    if (!has_files(was.tier)) in_use(was.tier) -= was.content.size_bytes;
  }

  std::uint64_t& in_use(cache_tier tier) noexcept { return counters.bytes_in_use[static_cast<std::size_t>(tier)]; }

  std::unordered_map<cache_key, entry> entries_;
  std::map<std::uint64_t, straggler> stragglers_;  // by token
  std::set<cache_key> writing_;
  std::set<cache_key> todo_;
  std::vector<cache_key> unrecorded_;
  use_order order_;
  row_index<R>& index_;
  read_epochs<R>& epochs_;
  std::uint64_t last_token_ = 0;
  std::uint64_t last_generation_ = 0;
};

}  // namespace wavetank::table_detail
