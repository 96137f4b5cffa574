#include <wavetank/model/lin/timeline.h>

#include <algorithm>
#include <functional>
#include <queue>

namespace wavetank::lin {
namespace {

// At equal instants: what must be over before the instant, then calls, then closed ends.
enum class rank : std::uint8_t { expires_before = 0, call = 1, end_at = 2 };

struct event {
  instant when;
  rank order;
  std::uint32_t op;

  friend bool operator<(const event& a, const event& b) {
    if (a.when != b.when) return a.when < b.when;
    if (a.order != b.order) return a.order < b.order;
    return a.op < b.op;
  }
};

rank rank_of(ending deadline) { return deadline == ending::before ? rank::expires_before : rank::end_at; }

std::vector<event> events_of(const std::vector<search_op>& ops) {
  std::vector<event> events;
  events.reserve(2 * ops.size());
  for (std::uint32_t i = 0; i < ops.size(); ++i) {
    events.push_back({ops[i].call, rank::call, i});
    if (ops[i].deadline != ending::never) events.push_back({ops[i].end, rank_of(ops[i].deadline), i});
  }
  std::sort(events.begin(), events.end());
  while (!events.empty() && (events.back().order == rank::call || !ops[events.back().op].required)) events.pop_back();
  return events;
}

// The lowest free slot first, so that masks stay narrow.
class slot_pool {
 public:
  std::uint32_t take() {
    if (free_.empty()) return width_++;
    const std::uint32_t slot = free_.top();
    free_.pop();
    return slot;
  }
  void give_back(std::uint32_t slot) { free_.push(slot); }
  std::uint32_t width() const { return width_; }

 private:
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free_;
  std::uint32_t width_ = 0;
};

// The open operations that have an end, in the order of their ends.
class open_list {
 public:
  explicit open_list(const std::vector<std::uint32_t>& end_rank) : end_rank_(end_rank) {}
  void add(std::uint32_t op) { ops_.insert(position(op), op); }
  void remove(std::uint32_t op) { ops_.erase(position(op)); }
  const std::vector<std::uint32_t>& ops() const { return ops_; }

 private:
  std::vector<std::uint32_t>::iterator position(std::uint32_t op) {
    return std::lower_bound(ops_.begin(), ops_.end(), op,
                            [&](std::uint32_t a, std::uint32_t b) { return end_rank_[a] < end_rank_[b]; });
  }
  const std::vector<std::uint32_t>& end_rank_;
  std::vector<std::uint32_t> ops_;
};

}  // namespace

timeline::timeline(std::vector<search_op> operations) : ops_(std::move(operations)) {
  std::erase_if(ops_, [](const search_op& op) { return !op.required && op.observer; });
  std::stable_sort(ops_.begin(), ops_.end(), [](const search_op& a, const search_op& b) { return a.call < b.call; });
  for (const search_op& op : ops_) labels_ = std::max(labels_, op.label + 1);

  const std::vector<event> events = events_of(ops_);
  std::vector<std::uint32_t> end_rank(ops_.size(), std::numeric_limits<std::uint32_t>::max());
  for (std::uint32_t i = 0; i < events.size(); ++i)
    if (events[i].order != rank::call) end_rank[events[i].op] = i;

  slot_pool slots;
  open_list open(end_rank);
  slots_.assign(ops_.size(), 0);
  end_steps_.assign(ops_.size(), std::numeric_limits<std::uint32_t>::max());
  called_begin_.push_back(0);
  ending_begin_.push_back(0);
  for (const event& now : events) {
    const search_op& op = ops_[now.op];
    if (now.order == rank::call) {
      slots_[now.op] = slots.take();
      called_.push_back(now.op);
      if (op.observer) continue;
      if (op.deadline == ending::never)
        endless_.push_back(now.op);
      else
        open.add(now.op);
      continue;
    }
    end_steps_[now.op] = static_cast<std::uint32_t>(steps_.size());
    steps_.push_back({now.op, slots_[now.op], op.required});
    called_begin_.push_back(called_.size());
    ending_.insert(ending_.end(), open.ops().begin(), open.ops().end());
    ending_begin_.push_back(ending_.size());
    endless_count_.push_back(static_cast<std::uint32_t>(endless_.size()));
    if (!op.observer) open.remove(now.op);
    slots.give_back(slots_[now.op]);
  }
  width_ = slots.width();
  const bool something_expires = std::any_of(steps_.begin(), steps_.end(), [](const step& s) { return !s.required; });
  if (something_expires) promise_slot_ = width_++;
  has_optional_ = something_expires || !endless_.empty();
}

std::vector<std::uint32_t> timeline::open_at(std::uint32_t k) const {
  std::vector<bool> ended(ops_.size(), false);
  for (std::uint32_t i = 0; i < k; ++i) ended[steps_[i].op] = true;
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i <= k; ++i)
    for (const std::uint32_t op : called_before(i))
      if (!ended[op]) open.push_back(op);
  return open;
}

std::uint64_t timeline::bytes() const noexcept {
  return ops_.capacity() * sizeof(search_op) + steps_.capacity() * sizeof(step) +
         sizeof(std::uint32_t) * (slots_.capacity() + ending_.capacity() + endless_.capacity() +
                                  endless_count_.capacity() + called_.capacity()) +
         sizeof(std::size_t) * (ending_begin_.capacity() + called_begin_.capacity());
}

}  // namespace wavetank::lin
