// The checker against the definition: brute force over random tiny histories of every model, under every criterion,
// with every search and with the model's refinements taken away.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include <wavetank/model/lin/check.h>
#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/history_writer.h>
#include <wavetank/tests/lin/brute_force.h>
#include <wavetank/tests/lin/random_histories.h>

namespace wavetank::lin::testing::soundness_tests {
namespace {

constexpr int histories_for_each_model = 6000;  // times three criteria

template <class Maker>
class every_model : public ::testing::Test {};

using makers =
    ::testing::Types<register_maker, key_value_maker<models::one_key>, key_value_maker<models::key_value_map>,
                     queue_maker, set_maker, semaphore_maker<false>, semaphore_maker<true>, fair_semaphore_maker<false>,
                     fair_semaphore_maker<true>, buffered_register_maker>;
TYPED_TEST_SUITE(every_model, makers);

constexpr criterion criteria[] = {criterion::strict, criterion::recoverable, criterion::durable};
constexpr strategy strategies[] = {strategy::alternate, strategy::depth_first_by_return, strategy::depth_first_by_call,
                                   strategy::breadth_first};

// The model with nothing but the contract: no observers, partitions, hashes of commands.
template <class Model>
class unrefined {
 public:
  using state = typename Model::state;
  using command = typename Model::command;
  struct response {
    typename Model::response value;
    friend bool operator==(const response&, const response&) = default;
  };
  explicit unrefined(Model model) : model_(std::move(model)) {}
  [[nodiscard]] state initial() const { return model_.initial(); }
  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    model_.step(s, c, [&](const typename Model::response& a, const state& to) { emit(response{a}, to); });
  }
  template <class Emit>
  void crash(const state& s, Emit&& emit) const {
    if constexpr (changed_by_crashes<Model>)
      model_.crash(s, emit);
    else
      emit(s);
  }

 private:
  Model model_;
};

template <class Model>
history<unrefined<Model>> copy_for_unrefined(const history<Model>& what) {
  history<unrefined<Model>> copy;
  for (const auto& op : what.operations()) {
    const op_id id = copy.invoke(op.client, op.request, op.call);
    if (op.returned && op.answer)
      copy.returns(id, {*op.answer}, *op.returned);
    else if (op.returned)
      copy.returns_unknown(id, *op.returned);
    if (op.stuck) copy.stuck(id);
  }
  for (const instant at : what.crashes()) copy.crash(at);
  return copy;
}

outcome expected(bool linearizable) { return linearizable ? outcome::linearizable : outcome::not_linearizable; }

TYPED_TEST(every_model, has_the_verdict_of_brute_force_under_each_criterion_and_search) {
  int verdicts[2] = {0, 0};
  for (int seed = 0; seed < histories_for_each_model; ++seed) {
    random_source random(static_cast<std::uint64_t>(seed));
    const TypeParam fresh;
    const auto what = random_history(fresh, random, shape{});
    const auto model = fresh.make();
    for (const criterion meaning : criteria) {
      const bool truth = brute_force(model, what, meaning).linearizable();
      ++verdicts[truth ? 1 : 0];
      for (const strategy how : strategies) {
        options asked;
        asked.crash_means = meaning;
        asked.search = how;
        asked.check_claims = true;
        ASSERT_EQ(check(model, what, asked).result, expected(truth))
            << TypeParam::name << ", seed " << seed << ", " << to_string(meaning) << ", search "
            << static_cast<int>(how) << "\n"
            << write_history(what);
      }
    }
  }
  // Either verdict must be frequent, or agreement means little.
  EXPECT_GT(verdicts[0], histories_for_each_model / 8);
  EXPECT_GT(verdicts[1], histories_for_each_model / 8);
}

TYPED_TEST(every_model, needs_no_refinement_for_its_verdict) {
  for (int seed = 0; seed < histories_for_each_model / 4; ++seed) {
    random_source random(static_cast<std::uint64_t>(seed) + 1'000'000);
    const TypeParam maker;
    const auto what = random_history(maker, random, shape{});
    const auto model = maker.make();
    const unrefined bare(model);
    for (const criterion meaning : criteria) {
      options asked;
      asked.crash_means = meaning;
      ASSERT_EQ(check(bare, copy_for_unrefined(what), asked).result, check(model, what, asked).result)
          << TypeParam::name << ", seed " << seed << ", " << to_string(meaning) << "\n"
          << write_history(what);
    }
  }
}

TYPED_TEST(every_model, shows_an_order_that_holds_against_the_definition) {
  int shown = 0;
  for (int seed = 0; seed < histories_for_each_model / 4; ++seed) {
    random_source random(static_cast<std::uint64_t>(seed) + 2'000'000);
    const TypeParam maker;
    const auto what = random_history(maker, random, shape{});
    const auto model = maker.make();
    for (const criterion meaning : criteria) {
      options asked;
      asked.crash_means = meaning;
      const verdict v = check(model, what, asked);
      if (v.result != outcome::linearizable || v.partitions.size() != 1) continue;
      ++shown;
      ASSERT_TRUE(brute_force(model, what, meaning).accepts(v.partitions.front().order))
          << TypeParam::name << ", seed " << seed << ", " << to_string(meaning) << "\n"
          << write_history(what);
    }
  }
  EXPECT_GT(shown, 50);
}

TYPED_TEST(every_model, has_the_same_verdict_when_written_to_a_file_and_read_back) {
  for (int seed = 0; seed < histories_for_each_model / 4; ++seed) {
    random_source random(static_cast<std::uint64_t>(seed) + 3'000'000);
    const TypeParam maker;
    const auto what = random_history(maker, random, shape{});
    const auto lines = parse_history(write_history(what));
    ASSERT_TRUE(lines.has_value()) << lines.error().what;
    const auto file = load_history(TypeParam::name, 2, *lines);
    ASSERT_TRUE(file.has_value()) << file.error().what;
    for (const criterion meaning : criteria) {
      options asked;
      asked.crash_means = meaning;
      ASSERT_EQ((*file)->judge(asked).result, check(maker.make(), what, asked).result)
          << TypeParam::name << ", seed " << seed << "\n"
          << write_history(what);
    }
  }
}

// A call that the initial state answers without a change: it can always go first.
template <class Maker>
std::pair<typename Maker::model::command, typename Maker::model::response> idle_call(const Maker& maker,
                                                                                     random_source& random) {
  const auto model = maker.make();
  while (true) {
    const auto candidate = maker.command(random);
    std::optional<typename Maker::model::response> answer;
    model.step(model.initial(), candidate, [&](const auto& a, const auto&) { answer = a; });
    if (answer && model.observes(candidate, *answer)) return {candidate, *answer};
  }
}

// Idle calls that span everything widen the masks beyond one word, beyond two, and change nothing.
TYPED_TEST(every_model, keeps_its_verdict_when_hundreds_of_calls_overlap) {
  for (const int more : {60, 130}) {
    for (int seed = 0; seed < 300; ++seed) {
      random_source random(static_cast<std::uint64_t>(seed) + 4'000'000);
      const TypeParam maker;
      shape calm;
      calm.crashes = 0;
      const auto what = random_history(maker, random, calm);
      const auto model = maker.make();
      const bool truth = brute_force(model, what, criterion::strict).linearizable();
      history<typename TypeParam::model> padded;
      const auto [idle, answer] = idle_call(maker, random);
      std::vector<op_id> pads;
      for (int i = 0; i < more; ++i) pads.push_back(padded.invoke(100 + i, idle, -1));
      for (const auto& op : what.operations()) {
        const op_id id = padded.invoke(op.client, op.request, op.call);
        if (op.returned && op.answer)
          padded.returns(id, *op.answer, *op.returned);
        else if (op.returned)
          padded.returns_unknown(id, *op.returned);
        if (op.stuck) padded.stuck(id);
      }
      for (const op_id id : pads) padded.returns(id, answer, 1000);
      for (const strategy how : strategies) {
        options asked;
        asked.search = how;
        ASSERT_EQ(check(model, padded, asked).result, expected(truth))
            << TypeParam::name << ", seed " << seed << ", " << more;
      }
    }
  }
}

}  // namespace
}  // namespace wavetank::lin::testing::soundness_tests
