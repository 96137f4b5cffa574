// The table behind its handles: the lock, the tasks that are watched, and the work on files, which is done off the
// lock. Lives until the table, every claim's handle and every reader's task are gone.
#pragma once

#include <wavetank/impl/cache/file_keeper.h>
#include <wavetank/impl/cache/table/owners.h>
#include <wavetank/impl/cache/table/reader.h>
#include <wavetank/impl/cache/table/table_state.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wavetank::table_detail {

template <runtime R>
class table_core : public std::enable_shared_from_this<table_core<R>> {
 public:
  using entry = table_entry<R>;
  using row = generation<R>;
  using reader_type = reader<R>;

  table_core(R& r, file_keeper& k) : world(r), keeper(k), reader_key_(r.new_key()) {
    R::label(mutex_, "reservation table");
  }

  /// The lock, while it lives, and what it guards. What readers no longer see is freed after the lock.
  class access {
   public:
    explicit access(table_core& of) : core_(of), lock_(of.mutex_), all_(&R::write(of.guarded_)) {}
    access(const access&) = delete;
    access& operator=(const access&) = delete;
    ~access() {
      if (lock_.owns_lock()) core_.epochs_.collect(garbage_);
    }

    table_state<R>* operator->() const noexcept { return &all_->state; }
    owners<R>& tasks() const noexcept { return all_->tasks; }
    std::vector<reader_type*>& readers() const noexcept { return all_->readers; }
    std::unique_lock<typename R::mutex>& lock() noexcept { return lock_; }

    void leave() { lock_.unlock(); }
    void enter() {
      lock_.lock();
      all_ = &R::write(core_.guarded_);
    }

   private:
    table_core& core_;
    garbage garbage_;
    std::unique_lock<typename R::mutex> lock_;
    typename table_core::guarded* all_;
  };

  // Owners ----------------------------------------------------------------------------------------------------------

  /// The record of a task, or nullptr if it is dead. May leave the lock for a while.
  owner_record<R>* watch(access& in, task_id id) {
    if (auto* known = in.tasks().find(id)) return known;
    in.leave();
    // Watched before it owns, so that no death is missed; one that comes in between is found under the mutex.
    auto watched = std::make_shared<owner_watch>();
    typename R::monitor monitor{world, id, [core = this->weak_from_this(), watched, id]() noexcept {
                                  if (const auto alive = core.lock()) alive->owner_died(*watched, id);
                                }};
    in.enter();
    if (watched->dead || !monitor.armed()) return nullptr;
    if (auto* known = in.tasks().find(id)) return known;
    return &in.tasks().add(id, std::move(watched), std::move(monitor));
  }

  /// Ends a claim. False if it was over.
  bool check_in(access& in, claim_record<R>& claim) noexcept {
    if (claim.owner == nullptr) return false;
    std::exchange(claim.owner, nullptr)->claims.remove(claim);
    in->unpin(*claim.of);
    return true;
  }

  // Work on files ---------------------------------------------------------------------------------------------------

  struct work_done {
    std::uint64_t bytes_freed = 0;
    bool failed = false;  ///< is tried again by the next sweep or reservation
  };

  /// Does the key's work on files that nobody does yet, until it comes to rest. Leaves the lock for it.
  work_done work_off(access& in, const cache_key& key) {
    work_done done;
    for (entry* there = in->find(key); there != nullptr && there->is_idle_work(); there = in->find(key)) {
      const bool goes_on = there->status == row_status::adopting ? adopt_files(in, key, *there)  //
                                                                 : remove_files(in, key, *there, done);
      if (!goes_on) break;
    }
    return done;
  }

  // Readers ---------------------------------------------------------------------------------------------------------

  reader_type& reader_of_current_task() {
    if (attachment* const known = world.attached(reader_key_)) return static_cast<reader_type&>(*known);
    auto fresh = std::make_unique<reader_type>(this->shared_from_this());
    reader_type& made = *fresh;
    world.attach(reader_key_, std::move(fresh));
    return made;
  }

  void reader_joins(reader_type& who) {
    access in{*this};
    in.readers().push_back(&who);
    epochs_.join(who.slot);
  }
  void reader_leaves(reader_type& who) noexcept {
    access in{*this};
    count_in(in->counters, who);
    std::erase(in.readers(), &who);
    epochs_.leave(who.slot);
  }

  static void count_in(cache_counters& sum, const reader_type& who) noexcept {
    sum.hits += who.hits.value();
    sum.misses += who.misses.value();
    sum.prefix_probes += who.prefix_probes.value();
  }

  const row_index<R>& index() const noexcept { return index_; }
  const read_epochs<R>& epochs() const noexcept { return epochs_; }

  // The end ---------------------------------------------------------------------------------------------------------

  bool destroyed() const noexcept { return destroyed_.load(std::memory_order_relaxed); }  // a hint

  /// The table is gone; handles may remain.
  void destroy() {
    std::unordered_map<std::uint64_t, owner_record<R>> dropped;
    access in{*this};
    destroyed_.store(true, std::memory_order_relaxed);
    in.tasks().for_each_claim([&](auto& claim) { check_in(in, claim); });
    dropped = in.tasks().take_all();
    in->clear();
  }

  void log(log_level level, const std::string& message) { world.log(level, "reservation table: " + message); }

  R& world;
  file_keeper& keeper;

 private:
  struct guarded {
    guarded(row_index<R>& index, read_epochs<R>& epochs) : state(index, epochs) {}
    table_state<R> state;
    owners<R> tasks;
    std::vector<reader_type*> readers;
  };

  /// While it lives, the lock is left and the key's files are this task's alone; also if a call throws.
  class file_work {
   public:
    file_work(access& in, entry& there) : in_(in), there_(there) {
      there_.in_work = true;
      in_.leave();
    }
    file_work(const file_work&) = delete;
    file_work& operator=(const file_work&) = delete;
    ~file_work() {
      in_.enter();
      there_.in_work = false;
    }

   private:
    access& in_;
    entry& there_;
  };

  /// False if it could not be told what is there.
  bool adopt_files(access& in, const cache_key& key, entry& there) {
    const auto files = there.files;
    auto seen = look_at_files(in, key, there, files);
    assert(!seen.empty());
    if (seen.back() && std::holds_alternative<row_content>(*seen.back())) {
      auto found = std::get<row_content>(std::move(*seen.back()));
      const place& at = files[seen.size() - 1]->at;
      found.path = at.path;
      in->install(key, at.tier, std::move(found));
      return true;
    }
    if (!std::all_of(seen.begin(), seen.end(), [](const auto& sight) { return sight.has_value(); })) return false;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (std::holds_alternative<no_file>(*seen[i])) {
        in->file_is_gone(there, files[i]);
      } else {
        in->reject_file(there, files[i]);
      }
    }
    in->end_adoption(key, there);
    return true;
  }

  /// One after the other, no further than to one that is valid.
  std::vector<io_result<file_sight>> look_at_files(access& in, const cache_key& key, entry& there,
                                                   std::span<const std::shared_ptr<stored_file>> files) {
    std::vector<io_result<file_sight>> seen;
    const file_work off_the_lock{in, there};
    for (const auto& file : files) {
      seen.push_back(keeper.adopt(key, file->at.tier, file->at.path));
      if (seen.back() && std::holds_alternative<row_content>(*seen.back())) break;
      if (seen.back()) continue;
      log(log_level::error, "cannot tell whether " + file->at.path + " is valid (" + to_string(seen.back().error()) +
                                "); the next sweep tries again");
    }
    return seen;
  }

  /// False if a file is still there.
  bool remove_files(access& in, const cache_key& key, entry& there, work_done& done) {
    const auto files = there.files;
    const bool told = there.failure_told;
    std::vector<io_result<std::uint64_t>> removed;
    removed.reserve(files.size());
    {
      const file_work off_the_lock{in, there};
      for (const auto& file : files) {
        removed.push_back(keeper.remove(file->at.tier, file->at.path));
        if (removed.back() || told) continue;
        log(log_level::error, "cannot remove " + file->at.path + " (" + to_string(removed.back().error()) +
                                  "); the next sweep tries again");
      }
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!removed[i]) continue;
      done.bytes_freed += *removed[i];
      in->file_is_gone(there, files[i]);
    }
    done.failed = there.failure_told = !there.files.empty();
    if (!done.failed) in->end_eviction(key, there);
    return !done.failed;
  }

  /// On the dying task: no file is touched. What it reserved is for the next sweep or reservation to recover.
  void owner_died(owner_watch& watched, task_id id) noexcept {
    typename owners<R>::node dropped;
    access in{*this};
    watched.dead = true;
    owner_record<R>* const record = in.tasks().find(id);
    if (record == nullptr || record->watch.get() != &watched) return;
    while (!record->claims.empty()) check_in(in, *record->claims.front());
    in->writer_died(id);
    dropped = in.tasks().take(id);
  }

  const std::uint64_t reader_key_;
  typename R::mutex mutex_;
  row_index<R> index_;
  read_epochs<R> epochs_;
  typename R::template shared<guarded> guarded_{index_, epochs_};
  typename R::template atomic<bool> destroyed_{false};
};

}  // namespace wavetank::table_detail
