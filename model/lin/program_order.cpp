#include <wavetank/model/lin/program_order.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace wavetank::lin {
namespace {

using program = std::vector<search_op>;

// Each client's operations in its own order; none if a client overlaps with itself or a mark is among them.
std::optional<std::vector<program>> programs_of(const subject& what) {
  std::map<std::int64_t, program> by_client;
  for (std::size_t i = 0; i < what.ops.size(); ++i) {
    if (what.clients[i] == -1) return std::nullopt;
    if (what.ops[i].required || !what.ops[i].observer) by_client[what.clients[i]].push_back(what.ops[i]);
  }
  std::vector<program> programs;
  for (auto& [client, ops] : by_client) {
    std::sort(ops.begin(), ops.end(), [](const search_op& a, const search_op& b) { return a.call < b.call; });
    for (std::size_t i = 1; i < ops.size(); ++i)
      if (ops[i - 1].required && ops[i - 1].end > ops[i].call) return std::nullopt;
    programs.push_back(std::move(ops));
  }
  return programs;
}

// Depth first over (how far each client has come, state).
class walk {
 public:
  walk(std::vector<program> programs, transitions& table) : programs_(std::move(programs)), table_(table) {}

  bool finds_order(std::uint64_t budget) {
    std::vector<position> open{{std::vector<std::uint32_t>(programs_.size(), 0), transitions::initial}};
    while (!open.empty() && seen_.size() < budget) {
      position at = std::move(open.back());
      open.pop_back();
      settle(at);
      if (over(at)) return true;
      if (!seen_.insert(at).second) continue;
      for (std::size_t c = programs_.size(); c-- > 0;) advance(at, c, open);
    }
    return false;
  }

 private:
  using position = std::pair<std::vector<std::uint32_t>, state_id>;

  // Observers at the front of a program go as soon as they are legal.
  void settle(position& at) {
    for (std::size_t c = 0; c < programs_.size(); ++c)
      while (at.first[c] < programs_[c].size() && programs_[c][at.first[c]].observer &&
             table_.legal(at.second, programs_[c][at.first[c]].label))
        ++at.first[c];
  }

  bool over(const position& at) const {
    for (std::size_t c = 0; c < programs_.size(); ++c)
      for (std::size_t i = at.first[c]; i < programs_[c].size(); ++i)
        if (programs_[c][i].required) return false;
    return true;
  }

  void advance(const position& at, std::size_t c, std::vector<position>& open) {
    const std::uint32_t next = at.first[c];
    if (next == programs_[c].size()) return;
    position after = at;
    ++after.first[c];
    if (!programs_[c][next].required) open.push_back(after);
    table_.each(at.second, programs_[c][next].label, [&](state_id state) {
      after.second = state;
      open.push_back(after);
    });
  }

  std::vector<program> programs_;
  transitions& table_;
  std::set<position> seen_;
};

}  // namespace

bool in_program_order(subject& what, std::uint64_t budget) {
  auto programs = programs_of(what);
  return programs && walk(std::move(*programs), *what.table).finds_order(budget);
}

}  // namespace wavetank::lin
