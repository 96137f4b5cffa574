#include <wavetank/model/lin/transitions.h>

#include <algorithm>

namespace wavetank::lin {

std::uint32_t transitions::ask(state_id state, label_id label, std::uint64_t place) {
  scratch_.clear();
  compute(state, label, scratch_);
  const std::uint64_t cells_wanted = static_cast<std::uint64_t>(state_count()) * labels_;
  if (remembers_ && place >= cells_.size() && cells_wanted <= most_remembered_cells) {
    if (cells_wanted > cells_.capacity()) cells_.reserve(std::max<std::size_t>(cells_wanted, 2 * cells_.capacity()));
    cells_.resize(cells_wanted, not_asked);
  }
  const bool keep = place < cells_.size();
  const std::uint32_t cell = encode(keep);
  if (keep) cells_[place] = cell;
  return cell;
}

std::uint32_t transitions::encode(bool keep) {
  if (scratch_.size() > 1) {
    std::vector<state_id> distinct;
    for (const state_id next : scratch_)
      if (std::find(distinct.begin(), distinct.end(), next) == distinct.end()) distinct.push_back(next);
    scratch_ = std::move(distinct);
  }
  if (scratch_.empty()) return nothing;
  if (scratch_.size() == 1) return scratch_.front() + first_state;
  lists_.resize(kept_);
  lists_.push_back(static_cast<std::uint32_t>(scratch_.size()));
  lists_.insert(lists_.end(), scratch_.begin(), scratch_.end());
  const std::uint32_t begin = static_cast<std::uint32_t>(kept_);
  if (keep) kept_ = lists_.size();
  return begin | many;
}

}  // namespace wavetank::lin
