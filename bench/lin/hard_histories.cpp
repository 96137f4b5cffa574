#include <wavetank/bench/lin/hard_histories.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <wavetank/model/lin/history_writer.h>

namespace wavetank::bench {
namespace {

class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}
  std::int64_t below(std::int64_t limit) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::int64_t>((z ^ (z >> 31)) % static_cast<std::uint64_t>(limit));
  }

 private:
  std::uint64_t state_;
};

template <class Model>
struct planned {
  typename Model::command request;
  std::int64_t client;
  lin::instant call;
  lin::instant returned;
  lin::instant effect;
  std::optional<typename Model::response> answer;
};

// Clients that call again as soon as they are answered. Instants are distinct.
template <class Model, class Command>
std::vector<planned<Model>> plan(const hardness& wanted, random_source& random, const Command& next_command) {
  std::vector<lin::instant> free_at(static_cast<std::size_t>(wanted.clients));
  for (std::size_t c = 0; c < free_at.size(); ++c) free_at[c] = random.below(3 * wanted.overlap);
  std::vector<planned<Model>> ops;
  for (std::int64_t i = 0; i < wanted.operations; ++i) {
    const auto first = std::min_element(free_at.begin(), free_at.end());
    const std::int64_t client = first - free_at.begin();
    const lin::instant call = *first;
    const lin::instant returned = call + 1 + random.below(2 * wanted.overlap);
    const lin::instant effect = call + random.below(returned - call + 1);
    *first = returned + 1 + random.below(3);
    ops.push_back({next_command(client), client, call, returned, effect, std::nullopt});
  }
  return ops;
}

// Runs the plan in the order of its effects. What the model refuses at its time is left out.
template <class Model>
void run(const Model& model, std::vector<planned<Model>>& ops) {
  std::vector<planned<Model>*> order;
  for (auto& op : ops) order.push_back(&op);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->effect < b->effect; });
  typename Model::state state = model.initial();
  for (planned<Model>* op : order) {
    std::optional<std::pair<typename Model::response, typename Model::state>> way;
    model.step(state, op->request, [&](const auto& answer, const auto& next) {
      if (!way) way.emplace(answer, next);
    });
    if (!way) continue;
    op->answer = way->first;
    state = way->second;
  }
  std::erase_if(ops, [](const planned<Model>& op) { return !op.answer; });
}

template <class Model>
std::string text_of(const std::vector<planned<Model>>& ops) {
  lin::history<Model> made;
  for (const auto& op : ops) {
    const lin::op_id id = made.invoke(op.client, op.request, op.call);
    made.returns(id, *op.answer, op.returned);
  }
  return lin::write_history(made);
}

// Swaps the answers of two neighbouring operations of the same kind in the last third: locally plausible, seldom right.
template <class Model>
void falsify(std::vector<planned<Model>>& ops, random_source& random) {
  for (int tries = 0, changed = 0; tries < 1000 && changed < 2; ++tries) {
    const std::size_t i =
        ops.size() * 2 / 3 + static_cast<std::size_t>(random.below(static_cast<std::int64_t>(ops.size() / 3)));
    for (std::size_t j = i + 1; j < ops.size(); ++j)
      if (ops[j].request.op == ops[i].request.op && !(*ops[j].answer == *ops[i].answer) &&
          ops[j].call > ops[i].returned) {
        std::swap(ops[i].answer, ops[j].answer);
        ++changed;
        break;
      }
  }
}

template <class Model, class Command>
std::string make(const Model& model, const hardness& wanted, const Command& next_command) {
  random_source random(wanted.seed);
  auto ops = plan<Model>(wanted, random, [&](std::int64_t client) { return next_command(random, client); });
  run(model, ops);
  if (wanted.falsify) falsify(ops, random);
  return text_of(ops);
}

}  // namespace

std::string hard_history(const hardness& wanted) {
  using namespace lin::models;
  const std::int64_t values = wanted.values;
  if (wanted.model == "register")
    return make(atomic_register(), wanted, [&](random_source& r, std::int64_t) -> atomic_register::command {
      using kind = atomic_register::command::kind;
      const std::int64_t which = r.below(10);
      if (which < 4) return {kind::read};
      if (which < 8) return {kind::write, r.below(values)};
      return {kind::cas, r.below(values), r.below(values)};
    });
  if (wanted.model == "queue")
    return make(fifo_queue(), wanted, [&](random_source& r, std::int64_t) -> fifo_queue::command {
      if (r.below(20) < 11) return {fifo_queue::command::kind::enqueue, r.below(values)};
      return {fifo_queue::command::kind::dequeue};
    });
  if (wanted.model == "set")
    return make(integer_set(), wanted, [&](random_source& r, std::int64_t) -> integer_set::command {
      return {static_cast<integer_set::command::kind>(r.below(3)), r.below(values)};
    });
  if (wanted.model == "kvmap")
    return make(key_value_map(), wanted, [&](random_source& r, std::int64_t client) -> key_value_command {
      using kind = key_value_command::kind;
      const std::string key = std::to_string(r.below(values));
      const std::int64_t which = r.below(10);
      if (which < 5) return {kind::get, key, {}};
      const rope text("x " + std::to_string(client) + " " + std::to_string(r.below(100)) + " y");
      return {which < 9 ? kind::append : kind::put, key, text};
    });
  if (wanted.model == "semaphore")
    return make(semaphore(wanted.limit), wanted, [&](random_source& r, std::int64_t) -> semaphore::command {
      using kind = semaphore::command::kind;
      const std::int64_t which = r.below(10);
      const kind op = which < 3   ? kind::acquire
                      : which < 5 ? kind::try_acquire
                      : which < 9 ? kind::release
                                  : kind::available;
      return {op, 1 + r.below(values)};
    });
  if (wanted.model == "fair_semaphore") {
    std::int64_t next_id = 0;
    std::vector<std::pair<std::int64_t, bool>> own(static_cast<std::size_t>(wanted.clients), {-1, false});
    return make(fair_semaphore(wanted.limit), wanted,
                [&](random_source& r, std::int64_t client) -> fair_semaphore::command {
                  using kind = fair_semaphore::command::kind;
                  auto& [id, asked] = own[static_cast<std::size_t>(client)];
                  const std::int64_t which = r.below(10);
                  if (which == 0) return {kind::available, 0, 0, false};
                  if (which < 4) return {kind::release, 0, 1 + r.below(values), false};
                  asked = !asked;
                  if (asked) return {kind::request, id = next_id++, 1 + r.below(values), false};
                  return {which < 9 ? kind::done : kind::cancel, id, 0, false};
                });
  }
  throw std::invalid_argument("no generator for model " + wanted.model);
}

}  // namespace wavetank::bench
