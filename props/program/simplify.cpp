#include <wavetank/props/program/simplify.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

namespace wavetank::props {

namespace {

/// A step's place: branch 0 is the prefix.
struct place {
  std::size_t branch;
  std::size_t index;
};

std::vector<step>& branch_of(program& p, std::size_t branch) { return branch == 0 ? p.prefix : p.branches[branch - 1]; }

void erase(program& p, place at) {
  auto& from = branch_of(p, at.branch);
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(at.index));
}

std::vector<place> places(const program& p) {
  std::vector<place> all;
  for (std::size_t i = 0; i < p.prefix.size(); ++i) all.push_back({0, i});
  for (std::size_t b = 0; b < p.branches.size(); ++b) {
    for (std::size_t i = 0; i < p.branches[b].size(); ++i) all.push_back({b + 1, i});
  }
  return all;
}

class simplifier {
 public:
  simplifier(const program& p, const vocabulary& words) : from_(p), words_(words) {}

  std::vector<program> all() {
    drop_branches();
    halve_the_prefix();
    drop_steps();
    move_heads_to_the_prefix();
    drop_pairs();
    keep_one_step();
    calm_settings();
    lower_values();
    return std::move(found_);
  }

 private:
  template <class Change>
  void offer(Change&& change) {
    program candidate = from_;
    change(candidate);
    drop_unused_branches(candidate, words_);
    if (candidate != from_) found_.push_back(std::move(candidate));
  }

  void drop_branches() {
    for (std::size_t b = 0; b < from_.branches.size(); ++b) {
      if (!from_.branches[b].empty()) offer([&](program& p) { p.branches[b].clear(); });
    }
  }

  void halve_the_prefix() {
    for (std::size_t chunk = from_.prefix.size(); chunk > 1; chunk /= 2) {
      for (std::size_t at = 0; at < from_.prefix.size(); at += chunk) {
        offer([&](program& p) {
          const auto first = p.prefix.begin() + static_cast<std::ptrdiff_t>(at);
          p.prefix.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, p.prefix.size() - at)));
        });
      }
    }
  }

  void drop_steps() {
    for (const place at : places(from_)) offer([&](program& p) { erase(p, at); });
  }

  void move_heads_to_the_prefix() {
    for (std::size_t b = 0; b < from_.branches.size(); ++b) {
      if (from_.branches[b].empty()) continue;
      offer([&](program& p) {
        p.prefix.push_back(p.branches[b].front());
        p.branches[b].erase(p.branches[b].begin());
      });
    }
    move_heads_and_drop_a_step();
  }

  /// A step may be there only to give another one time: main's steps have it anyway.
  void move_heads_and_drop_a_step() {
    const auto all = places(from_);
    if (all.size() > most_steps_for_pairs) return;
    for (std::size_t b = 0; b < from_.branches.size(); ++b) {
      if (from_.branches[b].empty()) continue;
      for (const place dropped : all) {
        if (dropped.branch == b + 1 && dropped.index == 0) continue;
        offer([&](program& p) {
          const step head = p.branches[b].front();
          erase(p, dropped);
          p.branches[b].erase(p.branches[b].begin());
          p.prefix.push_back(head);
        });
      }
    }
  }

  void drop_pairs() {
    const auto all = places(from_);
    if (all.size() > most_steps_for_pairs) return;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = i + 1; j < all.size(); ++j) {
        offer([&](program& p) {
          erase(p, all[j]);  // the later one first: the other's place stays
          erase(p, all[i]);
        });
      }
    }
  }

  /// Where several steps only give one of them time, no one or two of them can go alone.
  void keep_one_step() {
    const auto all = places(from_);
    if (all.size() < 2 || all.size() > most_steps_for_pairs) return;
    for (const place kept : all) {
      offer([&](program& p) {
        const step only = branch_of(p, kept.branch)[kept.index];
        p.prefix = {only};
        p.branches.clear();
      });
    }
  }

  void calm_settings() {
    for (std::size_t i = 0; i < words_.settings.size(); ++i) {
      offer([&](program& p) { p.settings[i] = words_.settings[i].calm; });
      if (from_.settings[i] > words_.settings[i].least) offer([&](program& p) { --p.settings[i]; });
    }
  }

  /// All uses of one value of one operand together, then each by itself: to calm, then one less.
  void lower_values() {
    std::set<std::pair<std::string_view, std::uint64_t>> seen;
    for (const place at : places(from_)) {
      for_each_operand(at, [&](const operand& o, std::size_t i, std::uint64_t value) {
        if (value == o.calm) return;
        if (seen.emplace(o.name, value).second) replace_everywhere(o, value, o.calm);
        lower_one(at, o, i, value);
      });
    }
  }

  template <class F>
  void for_each_operand(place at, F&& visit) const {
    const step& s = at.branch == 0 ? from_.prefix[at.index] : from_.branches[at.branch - 1][at.index];
    const auto& operands = words_.verbs[s.verb].operands;
    for (std::size_t i = 0; i < operands.size(); ++i) visit(operands[i], i, s.operands[i]);
  }

  void replace_everywhere(const operand& o, std::uint64_t value, std::uint64_t by) {
    if (by < o.least || by > o.most || o.kind == operand_kind::reference) return;
    offer([&](program& p) {
      for (const place at : places(p)) {
        step& s = branch_of(p, at.branch)[at.index];
        const auto& operands = words_.verbs[s.verb].operands;
        for (std::size_t i = 0; i < operands.size(); ++i) {
          if (operands[i].name == o.name && s.operands[i] == value) s.operands[i] = by;
        }
      }
    });
  }

  void lower_one(place at, const operand& o, std::size_t i, std::uint64_t value) {
    const auto set = [&](std::uint64_t lower) {
      offer([&](program& p) { branch_of(p, at.branch)[at.index].operands[i] = lower; });
    };
    if (o.kind == operand_kind::reference) return;
    if (o.calm >= o.least && o.calm <= o.most) set(o.calm);
    if (value / 2 > o.least) set(value / 2);
    if (value > o.least && value - 1 != o.calm) set(value - 1);
  }

  const program& from_;
  const vocabulary& words_;
  std::vector<program> found_;
};

}  // namespace

std::vector<program> simpler_programs(const program& p, const vocabulary& words) { return simplifier(p, words).all(); }

}  // namespace wavetank::props
