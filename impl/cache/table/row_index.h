// Which rows can be read: a hash index that is read without a lock, while one writer at a time changes it.
//
// Open addressing with linear probing. A cell is a pointer to what never changes, so one load tells a reader all. A
// cell that was emptied stays marked, so that no probe ends before its key; the marks go when the cells are made anew,
// which readers of the old ones do not notice. A key has one cell while it is there, and is replaced in place.
#pragma once

#include <wavetank/impl/cache/table/generation.h>
#include <wavetank/impl/cache/table/read_epochs.h>
#include <wavetank/impl/runtime.h>

#include <cassert>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::table_detail {

template <runtime R>
class row_index {
 public:
  row_index() : owned_(std::make_shared<cells>(least_cells)), cells_(owned_.get()) { R::label(cells_, "index"); }

  /// The row of a key, or nullptr. By readers inside `epochs` or with the mutex. Constant on average.
  ///
  /// The loads are sequentially consistent for the epochs' sake (read_epochs.h), and acquire what the stores release.
  const generation<R>* find(const cache_key& key) const {
    const cells& in = *cells_.load(std::memory_order_seq_cst);
    for (std::size_t i = in.home(key);; i = in.after(i)) {
      const indexed* const seen = in.all[i].load(std::memory_order_seq_cst);
      if (seen == nullptr) return nullptr;
      if (seen != &removed && seen->key == key) return static_cast<const generation<R>*>(seen);
    }
  }

  // Writers, with the table's mutex ---------------------------------------------------------------------------------

  /// In the place of the row that the key has, if any.
  void put(const generation<R>& row, read_epochs<R>& epochs) {
    if (used_ + 1 > owned_->all.size() / 2) make_cells_anew(epochs);
    std::size_t free = none;
    std::size_t i = owned_->home(row.key);
    const indexed* there = at(i);
    for (; there != nullptr && !(there != &removed && there->key == row.key); there = at(i = owned_->after(i))) {
      if (there == &removed && free == none) free = i;
    }
    if (there == nullptr) ++size_;
    if (there == nullptr && free == none) ++used_;
    store(there == nullptr && free != none ? free : i, &row);
  }

  /// The key has a row.
  void erase(const cache_key& key) {
    std::size_t i = owned_->home(key);
    while (at(i) == &removed || !(at(i)->key == key)) i = owned_->after(i);
    store(i, &removed);
    --size_;
  }

  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t least_cells = 16;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static inline const indexed removed{};

  struct cells {
    explicit cells(std::size_t count) : all(count) {}
    std::size_t home(const cache_key& key) const noexcept { return std::hash<cache_key>{}(key) & (all.size() - 1); }
    std::size_t after(std::size_t i) const noexcept { return (i + 1) & (all.size() - 1); }
    std::vector<typename R::template atomic<const indexed*>> all;  ///< a power of two, at least half of them empty
  };

  const indexed* at(std::size_t i) const { return owned_->all[i].load(std::memory_order_relaxed); }  // own stores
  void store(std::size_t i, const indexed* what) { owned_->all[i].store(what, std::memory_order_seq_cst); }

  void make_cells_anew(read_epochs<R>& epochs) {
    std::size_t count = least_cells;
    while (count < 4 * (size_ + 1)) count *= 2;
    auto fresh = std::make_shared<cells>(count);
    for (std::size_t i = 0; i < owned_->all.size(); ++i) {
      const indexed* const row = at(i);
      if (row == nullptr || row == &removed) continue;
      std::size_t to = fresh->home(row->key);
      while (fresh->all[to].load(std::memory_order_relaxed) != nullptr) to = fresh->after(to);
      fresh->all[to].store(row, std::memory_order_relaxed);  // published below
    }
    std::swap(owned_, fresh);
    used_ = size_;
    cells_.store(owned_.get(), std::memory_order_seq_cst);
    epochs.retire(std::move(fresh));
  }

  std::shared_ptr<cells> owned_;
  typename R::template atomic<const cells*> cells_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;  // cells that are not empty
};

}  // namespace wavetank::table_detail
