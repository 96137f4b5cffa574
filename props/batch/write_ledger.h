// What writers were told, for the judge of a batcher: requests with their instants and answers, and the rules.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/impl/batch/write_error.h>
#include <wavetank/props/batch/recorded_backend.h>

namespace wavetank::props {

/// Between two visible operations of a simulated world everything here is one step.
class write_ledger {
 public:
  using answer = tl::expected<std::vector<std::uint64_t>, write_error>;
  using request_number = std::size_t;

  request_number submits(std::uint64_t task, std::vector<recorded_write> commands) {
    requests_.push_back({task, std::move(commands), ++now_, {}, {}, false, false, false});
    return requests_.size() - 1;
  }
  void answered(request_number which, answer said) {
    entry& one = requests_[which];
    sim::require(!one.said, "a request was answered twice");
    one.answered = ++now_;
    one.said = std::move(said);
  }
  /// Its reply was called.
  void replied(request_number which, answer said) {
    requests_[which].replied = true;
    answered(which, std::move(said));
  }
  /// Its task was killed in the call: nobody heard the answer.
  void unheard(request_number which) { requests_[which].unheard = true; }

  /// Asynchronous requests whose call has returned are accepted: those of them that are unanswered.
  void returned_queued(request_number which) { requests_[which].queued = true; }
  std::vector<request_number> unanswered_asynchronous() const {
    auto all = unanswered();
    std::erase_if(all, [&](request_number one) { return !requests_[one].queued; });
    return all;
  }
  /// The requests that nobody has answered.
  std::vector<request_number> unanswered() const {
    std::vector<request_number> all;
    for (request_number i = 0; i < requests_.size(); ++i) {
      if (!requests_[i].said && !requests_[i].unheard) all.push_back(i);
    }
    return all;
  }
  bool is_answered(request_number which) const { return requests_[which].said || requests_[which].unheard; }

  /// A request that has been answered or whose writes are in the log, in the order in which its commits took effect;
  /// those that took no effect come last.
  struct outcome {
    const std::vector<recorded_write>& commands;
    const std::optional<answer>& said;
    bool took_effect;
  };
  std::vector<outcome> in_order_of(const recorded_backend& backend) const {
    std::map<std::uint64_t, std::size_t> places;
    for (std::size_t at = 0; at < backend.log().size(); ++at) places.emplace(backend.log()[at].number, at);
    std::multimap<std::size_t, outcome> ordered;
    for (const entry& one : requests_) {
      const auto found = places.find(one.commands.front().number);
      const bool took_effect = found != places.end();
      ordered.emplace(took_effect ? found->second : places.size(), outcome{one.commands, one.said, took_effect});
    }
    std::vector<outcome> all;
    for (const auto& [at, one] : ordered) all.push_back(one);
    return all;
  }

  /// The whole run against the log (B1 to B3, and that replies are called in the order of the commits): the first rule
  /// that is broken, or empty.
  std::string judge(const recorded_backend& backend) const {
    index places;
    for (std::size_t at = 0; at < backend.log().size(); ++at) places[backend.log()[at].number].push_back(at);
    for (const entry& one : requests_) {
      if (auto wrong = judge_request(one, backend, places); !wrong.empty()) return wrong;
    }
    if (auto wrong = judge_order(places); !wrong.empty()) return wrong;
    return judge_replies(places);
  }

 private:
  struct entry {
    std::uint64_t task;
    std::vector<recorded_write> commands;
    std::uint64_t submitted;
    std::optional<std::uint64_t> answered;
    std::optional<answer> said;
    bool unheard;
    bool queued;
    bool replied;
  };
  using index = std::map<std::uint64_t, std::vector<std::size_t>>;

  static std::string name(const entry& one) { return "write " + std::to_string(one.commands.front().number); }

  static std::size_t times_in(const index& places, const recorded_write& one) {
    const auto found = places.find(one.number);
    return found == places.end() ? 0 : found->second.size();
  }

  static std::string judge_request(const entry& one, const recorded_backend& backend, const index& places) {
    const std::size_t times = times_in(places, one.commands.front());
    for (const recorded_write& each : one.commands) {
      if (times_in(places, each) != times) return name(one) + " is in the log in part";
    }
    if (times > 1) return name(one) + " is in the log twice";
    if (one.unheard) return "";
    if (!one.said) return name(one) + " was never answered";
    if (*one.said)
      return times == 1 ? judge_results(one, backend, places) : name(one) + " was answered and is not in the log";
    const write_error& why = one.said->error();
    if (why.what == write_problem::unknown_outcome) {
      // A deadline, or the end of a task, may come after the batch was taken and before the backend saw it.
      const bool honest = why.cause != write_cause::backend || backend.submitted(one.commands.front().number);
      return honest ? "" : name(one) + " was never submitted, but the backend's outcome is called unknown";
    }
    const bool own_poison =
        std::any_of(one.commands.begin(), one.commands.end(), [](const auto& c) { return c.poison; });
    if (why.text == "poison" && !own_poison) return name(one) + " failed because of a neighbour";
    return times == 0 ? "" : name(one) + " is in the log, but: " + to_string(why);
  }

  /// The results are those of these commands at their places.
  static std::string judge_results(const entry& one, const recorded_backend& backend, const index& places) {
    if ((*one.said)->size() != one.commands.size()) return name(one) + " got another number of results";
    for (std::size_t i = 0; i < one.commands.size(); ++i) {
      std::uint64_t before = 0;
      const std::size_t place = places.at(one.commands[i].number).front();
      for (std::size_t at = 0; at < place; ++at) {
        const recorded_write& earlier = backend.log()[at];
        if (earlier.key == one.commands[i].key) before = earlier.erases ? 0 : earlier.number;
      }
      if ((**one.said)[i] != before) return name(one) + " got a result that is not its own";
    }
    return "";
  }

  /// Answered for good: a write of unknown outcome may still take effect.
  static bool ended(const entry& one) {
    return one.said && (*one.said || one.said->error().what != write_problem::unknown_outcome);
  }

  /// One submitter's writes are in the log in its order; of two submitters', those that did not overlap.
  std::string judge_order(const index& places) const {
    for (const entry& first : requests_) {
      for (const entry& second : requests_) {
        const bool ordered = first.task == second.task ? first.submitted < second.submitted
                                                       : ended(first) && *first.answered < second.submitted;
        if (!ordered || times_in(places, first.commands.front()) == 0 ||
            times_in(places, second.commands.front()) == 0) {
          continue;
        }
        if (places.at(first.commands.front().number).front() > places.at(second.commands.front().number).front()) {
          return name(second) + " overtook " + name(first);
        }
      }
    }
    return "";
  }

  /// Replies with a result come in the order of the commits. (When a caller hears its answer is up to the scheduler.)
  std::string judge_replies(const index& places) const {
    std::map<std::uint64_t, const entry*> by_time;
    for (const entry& one : requests_) {
      if (one.replied && *one.said) by_time.emplace(*one.answered, &one);
    }
    const entry* last = nullptr;
    for (const auto& [time, one] : by_time) {
      const auto place_of = [&](const entry& of) { return places.at(of.commands.front().number).front(); };
      if (last != nullptr && place_of(*one) < place_of(*last))
        return name(*last) + " was answered before " + name(*one);
      last = one;
    }
    return "";
  }

  std::vector<entry> requests_;
  std::uint64_t now_ = 0;
};

}  // namespace wavetank::props
