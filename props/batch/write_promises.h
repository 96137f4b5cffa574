// What writers were told over all lives of a log, and what a replay must give for it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/impl/batch/write_error.h>

#include <tl/expected.hpp>

namespace wavetank::props {

/// Kept by the harness, outside of every process. Commands are texts, each different. Between two visible operations of
/// a simulated world everything here is one step.
class write_promises {
 public:
  using answer = tl::expected<std::vector<std::uint64_t>, write_error>;  ///< a result is the batch's sequence
  using batches = std::vector<std::vector<std::string>>;                 ///< by sequence
  using request_number = std::size_t;

  request_number submits(std::uint64_t task, std::vector<std::string> commands) {
    requests_.push_back({life_, task, std::move(commands), ++now_, {}, {}, {}});
    return requests_.size() - 1;
  }
  void answered(request_number which, answer said) {
    requests_[which].answered = ++now_;
    requests_[which].said = std::move(said);
  }

  bool has_promised() const {
    return std::any_of(requests_.begin(), requests_.end(), [](const request& one) { return one.said && *one.said; });
  }

  /// A process has replayed these: the first rule that is broken, or empty. From now on it stays so, but that what is
  /// before the first of them was discarded.
  std::string replayed(std::uint64_t first_sequence, const batches& found) {
    first_sequence_ = first_sequence;
    index places;
    for (std::size_t batch = 0; batch < found.size(); ++batch) {
      for (std::size_t at = 0; at < found[batch].size(); ++at) {
        if (!places.emplace(found[batch][at], place{first_sequence + batch, at}).second) {
          return found[batch][at] + " is there twice";
        }
      }
    }
    for (const request& one : requests_) {
      if (auto wrong = judge(one, places); !wrong.empty()) return wrong;
    }
    if (!places_are_known(places)) return "something is there that nobody wrote";
    if (auto wrong = judge_order(places); !wrong.empty()) return wrong;
    for (request& one : requests_) {
      if (!is_discarded(one)) one.fate = settled{place_of(one, places)};
    }
    ++life_;
    return "";
  }

  /// What `replayed` has found of those whom nobody had told the outcome in the life before.
  enum class doubt : std::uint8_t { none, was_there, was_gone };
  bool some_doubtful(bool there, const batches& found) const {
    index places;
    for (std::size_t batch = 0; batch < found.size(); ++batch) {
      for (const auto& one : found[batch]) places.emplace(one, place{batch + 1, 0});
    }
    return std::any_of(requests_.begin(), requests_.end(), [&](const request& one) {
      return !one.fate && is_unknown(one) && (places.count(one.commands.front()) != 0) == there;
    });
  }

 private:
  struct place {
    std::uint64_t sequence;
    std::size_t at;  ///< in its batch
    friend auto operator<=>(const place&, const place&) = default;
  };
  using index = std::map<std::string, place>;
  /// What a process has seen.
  struct settled {
    std::optional<place> at;
  };
  struct request {
    std::uint64_t life;
    std::uint64_t task;
    std::vector<std::string> commands;
    std::uint64_t submitted;
    std::optional<std::uint64_t> answered;
    std::optional<answer> said;
    std::optional<settled> fate;
  };

  static std::optional<place> place_of(const request& one, const index& places) {
    const auto found = places.find(one.commands.front());
    return found == places.end() ? std::nullopt : std::optional{found->second};
  }
  static bool is_unknown(const request& one) {
    return one.said && !*one.said && one.said->error().what == write_problem::unknown_outcome;
  }

  /// Its commands lie side by side, or none is there; and it is as it was told.
  std::string judge(const request& one, const index& places) const {
    const auto first = place_of(one, places);
    for (std::size_t i = 0; i < one.commands.size(); ++i) {
      const auto found = places.find(one.commands[i]);
      const bool as_owed = first ? found != places.end() && found->second == place{first->sequence, first->at + i}
                                 : found == places.end();
      if (!as_owed) return one.commands.front() + " is there in part";
    }
    if (!first && is_discarded(one)) return "";
    if (one.fate) return one.fate->at == first ? "" : one.commands.front() + " was seen, and not so";
    if (!one.said) return "";
    if (*one.said) return judge_promise(one, first);
    if (!first) return "";
    if (!is_unknown(one)) return one.commands.front() + " is there, but: " + to_string(one.said->error());
    return is_void(one) ? one.commands.front() + " is there, and a later write was acknowledged" : "";
  }

  static std::string judge_promise(const request& one, const std::optional<place>& found) {
    if (!found) return one.commands.front() + " was acknowledged and is lost";
    const bool same = (*one.said)->size() == one.commands.size() &&
                      std::all_of((*one.said)->begin(), (*one.said)->end(),
                                  [&](std::uint64_t sequence) { return sequence == found->sequence; });
    return same ? "" : one.commands.front() + " is at another place than it was told";
  }

  /// It was there, for certain, before what is replayed.
  bool is_discarded(const request& one) const {
    if (one.fate) return one.fate->at && one.fate->at->sequence < first_sequence_;
    return one.said && *one.said && (*one.said)->front() < first_sequence_;
  }

  /// The backend did not know, and was asked again after that with success.
  bool is_void(const request& one) const {
    return one.said->error().cause == write_cause::backend &&
           std::any_of(requests_.begin(), requests_.end(), [&](const request& later) {
             return later.life == one.life && later.submitted > *one.answered && later.said && *later.said;
           });
  }

  bool places_are_known(const index& places) const {
    std::size_t known = 0;
    for (const request& one : requests_) {
      if (place_of(one, places)) known += one.commands.size();
    }
    return known == places.size();
  }

  /// A life is before the next; a task's writes are in its order; so are those of two tasks that did not overlap.
  std::string judge_order(const index& places) const {
    for (const request& first : requests_) {
      for (const request& second : requests_) {
        const auto a = place_of(first, places);
        const auto b = place_of(second, places);
        if (a && b && is_before(first, second) && *a > *b) {
          return second.commands.front() + " overtook " + first.commands.front();
        }
      }
    }
    return "";
  }
  static bool is_before(const request& first, const request& second) {
    if (first.life != second.life) return first.life < second.life;
    if (first.task == second.task) return first.submitted < second.submitted;
    return first.answered && !is_unknown(first) && *first.answered < second.submitted;
  }

  std::vector<request> requests_;
  std::uint64_t first_sequence_ = 1;
  std::uint64_t life_ = 0;
  std::uint64_t now_ = 0;
};

}  // namespace wavetank::props
