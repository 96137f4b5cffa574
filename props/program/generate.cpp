#include <wavetank/props/program/generate.h>

#include <algorithm>
#include <utility>

#include <wavetank/props/program/simplify.h>

namespace wavetank::props {

namespace {

// Undefined behaviour in RapidCheck above this size.
constexpr int largest_size = 100;

// One in so many values is drawn above what is usual, one in so many references may be dangling.
constexpr std::uint32_t unusual_one_in = 12;
constexpr std::uint32_t dangling_one_in = 16;
// One in so many operands that have a calm value keeps another one.
constexpr std::uint32_t calm_one_in = 2;

class drawing {
 public:
  drawing(const vocabulary& words, rc::Random random, int size) : words_(words), random_(random), size_(size) {}

  program whole() {
    program p = empty_program(words_);
    for (std::size_t i = 0; i < words_.settings.size(); ++i) p.settings[i] = value(words_.settings[i]);
    const auto branches = between(words_.least_branches, words_.most_branches);
    p.branches.resize(branches);
    const std::uint64_t most = 1 + (words_.most_generated_steps - 1) * static_cast<std::uint64_t>(size_) / largest_size;
    steps(p.prefix, words_.most_branches == 0 ? between(1, words_.most_generated_steps * most) : between(0, 2));
    for (auto& branch : p.branches) steps(branch, between(1, most + 1));
    // Steps of one branch may name results of a later one: labels are dealt before anything runs.
    for_each(p, [&](step& s) { operands(s); });
    drop_unused_branches(p, words_);
    return p;
  }

 private:
  template <class T>
  T draw(const rc::Gen<T>& from) {
    return from(random_.split(), size_).value();
  }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least >= most ? least : draw(rc::gen::inRange<std::uint64_t>(least, most + 1));
  }
  bool one_in(std::uint32_t n) { return between(1, n) == 1; }

  template <class F>
  static void for_each(program& p, F&& visit) {
    for (step& s : p.prefix) visit(s);
    for (auto& branch : p.branches) {
      for (step& s : branch) visit(s);
    }
  }

  std::uint32_t any_verb() {
    std::uint64_t all = 0;
    for (const verb& v : words_.verbs) all += v.frequency;
    std::uint64_t at = between(0, all - 1);
    std::uint32_t chosen = 0;
    while (at >= words_.verbs[chosen].frequency) at -= words_.verbs[chosen++].frequency;
    return chosen;
  }

  void steps(std::vector<step>& into, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      step s;
      s.verb = any_verb();
      if (words_.verbs[s.verb].yields_result) s.result = ++results_;
      into.push_back(s);
    }
  }

  void operands(step& s) {
    const auto& all = words_.verbs[s.verb].operands;
    for (std::size_t i = 0; i < all.size(); ++i) s.operands[i] = value(all[i]);
  }

  std::uint64_t value(const operand& o) {
    switch (o.kind) {
      case operand_kind::task:
        return between(0, words_.most_branches);
      case operand_kind::reference:
        return results_ == 0 || one_in(dangling_one_in) ? results_ + 1 : between(1, results_);
      case operand_kind::number:
        break;
    }
    if (o.calm >= o.least && one_in(calm_one_in)) return o.calm;
    if (o.usual != 0 && !one_in(unusual_one_in)) return between(o.least == 0 ? 1 : o.least, o.usual);
    return between(o.least, o.most);
  }

  const vocabulary& words_;
  rc::Random random_;
  int size_;
  std::uint32_t results_ = 0;
};

rc::Seq<program> simpler_as_sequence(const vocabulary& words, const program& p) {
  return rc::seq::fromContainer(simpler_programs(p, words));
}

}  // namespace

rc::Shrinkable<program> program_generator::operator()(const rc::Random& random, int size) const {
  const vocabulary* words = words_;
  return rc::shrinkable::shrinkRecur(drawing(*words, random, std::clamp(size, 0, largest_size)).whole(),
                                     [words](const program& p) { return simpler_as_sequence(*words, p); });
}

program draw_program(const vocabulary& words, std::uint64_t seed, std::uint32_t size) {
  const int bounded = static_cast<int>(std::min<std::uint32_t>(size, largest_size));
  return rc::Gen<program>(program_generator{words})(rc::Random(seed), bounded).value();
}

}  // namespace wavetank::props
