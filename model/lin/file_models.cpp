#include <wavetank/model/lin/file_models.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <wavetank/model/lin/check.h>
#include <wavetank/model/lin/models/atomic_register.h>
#include <wavetank/model/lin/models/buffered_register.h>
#include <wavetank/model/lin/models/fair_semaphore.h>
#include <wavetank/model/lin/models/fifo_queue.h>
#include <wavetank/model/lin/models/integer_set.h>
#include <wavetank/model/lin/models/key_value.h>
#include <wavetank/model/lin/models/semaphore.h>

namespace wavetank::lin {
namespace {

using models::answer;
using models::rope;
using problem_text = std::string;

// What a line says in the terms of a model. No answer: the operation has no output, or it is not known.
template <class Model>
struct request_of {
  typename Model::command request;
  std::optional<typename Model::response> answered;
  bool stuck = false;
};
template <class Model>
using translated = tl::expected<request_of<Model>, problem_text>;

tl::unexpected<problem_text> wrong(const line_operation& line, const char* which, const char* wanted) {
  return tl::unexpected("'" + std::string(which) + "' of " + line.op + " must be " + wanted);
}
tl::unexpected<problem_text> no_such_operation(const line_operation& line, const char* known) {
  return tl::unexpected("no operation '" + line.op.substr(0, 40) + "' in this model (" + known + ")");
}

using kind = field_value::kind;

tl::expected<std::int64_t, problem_text> number_input(const line_operation& line) {
  if (!line.input.is(kind::number)) return wrong(line, "input", "a whole number");
  return line.input.number;
}
tl::expected<std::int64_t, problem_text> permits_input(const line_operation& line) {
  if (!line.input.is(kind::number) || line.input.number < 0)
    return wrong(line, "input", "a number of permits, not negative");
  return line.input.number;
}
tl::expected<std::pair<std::int64_t, std::int64_t>, problem_text> pair_input(const line_operation& line,
                                                                             const char* wanted) {
  if (!line.input.is(kind::list) || line.input.list.size() != 2) return wrong(line, "input", wanted);
  return std::pair{line.input.list[0], line.input.list[1]};
}

bool output_counts(const line_operation& line) { return line.returned && !line.unknown; }

enum class output_type : std::uint8_t { none, truth, number, number_or_null };

tl::expected<std::optional<answer>, problem_text> read_output(const line_operation& line, output_type type) {
  if (!output_counts(line)) return std::nullopt;
  const field_value& out = line.output;
  switch (type) {
    case output_type::none:
      return std::nullopt;
    case output_type::truth:
      if (!out.is(kind::truth)) return wrong(line, "output", "true or false");
      return answer::truth(out.number == 1);
    case output_type::number:
      if (!out.is(kind::number)) return wrong(line, "output", "a whole number");
      return answer::number(out.number);
    case output_type::number_or_null:
      if (out.is(kind::null)) return answer::null();
      if (!out.is(kind::number)) return wrong(line, "output", "a whole number or null");
      return answer::number(out.number);
  }
  return std::nullopt;
}

template <class Model>
translated<Model> with_output(const line_operation& line, typename Model::command request, output_type type) {
  auto out = read_output(line, type);
  if (!out) return tl::unexpected(out.error());
  return request_of<Model>{std::move(request), *out, false};
}

// One translator a model: a line in, command and answer out.

struct register_lines {
  using model = models::atomic_register;
  using command = model::command;
  translated<model> operator()(const line_operation& line) const {
    if (line.op == "read") return with_output<model>(line, {command::kind::read}, output_type::number_or_null);
    if (line.op == "write") {
      const auto value = number_input(line);
      if (!value) return tl::unexpected(value.error());
      return with_output<model>(line, {command::kind::write, *value}, output_type::none);
    }
    if (line.op == "cas") {
      const auto both = pair_input(line, "[from,to]");
      if (!both) return tl::unexpected(both.error());
      return with_output<model>(line, {command::kind::cas, both->first, both->second}, output_type::truth);
    }
    return no_such_operation(line, "read, write, cas");
  }
};

template <class Model>
struct key_value_lines {
  using model = Model;
  using command = models::key_value_command;
  translated<model> operator()(const line_operation& line) const {
    const bool get = line.op == "get";
    if (!get && line.op != "put" && line.op != "append") return no_such_operation(line, "get, put, append");
    if (!line.key) return tl::unexpected("'key' of " + line.op + " must be a string");
    if (get) {
      if (!output_counts(line)) return request_of<model>{{command::kind::get, *line.key, {}}, std::nullopt, false};
      if (!line.output.is(kind::text)) return wrong(line, "output", "a string");
      return request_of<model>{{command::kind::get, *line.key, {}}, rope(line.output.text), false};
    }
    if (!line.input.is(kind::text)) return wrong(line, "input", "a string");
    const auto op = line.op == "put" ? command::kind::put : command::kind::append;
    return request_of<model>{{op, *line.key, rope(line.input.text)}, std::nullopt, false};
  }
};

struct queue_lines {
  using model = models::fifo_queue;
  using command = model::command;
  translated<model> operator()(const line_operation& line) const {
    if (line.op == "deq") return with_output<model>(line, {command::kind::dequeue}, output_type::number_or_null);
    if (line.op != "enq") return no_such_operation(line, "enq, deq");
    const auto value = number_input(line);
    if (!value) return tl::unexpected(value.error());
    return with_output<model>(line, {command::kind::enqueue, *value}, output_type::none);
  }
};

struct set_lines {
  using model = models::integer_set;
  using command = model::command;
  translated<model> operator()(const line_operation& line) const {
    static const std::map<std::string, command::kind, std::less<>> kinds = {
        {"add", command::kind::add}, {"remove", command::kind::remove}, {"contains", command::kind::contains}};
    const auto known = kinds.find(line.op);
    if (known == kinds.end()) return no_such_operation(line, "add, remove, contains");
    const auto element = number_input(line);
    if (!element) return tl::unexpected(element.error());
    return with_output<model>(line, {known->second, *element}, output_type::truth);
  }
};

struct semaphore_lines {
  using model = models::semaphore;
  using command = model::command;
  bool pending_is_stuck;  ///< a pending acquire was still blocked when the run had come to rest

  translated<model> operator()(const line_operation& line) const {
    if (line.op == "available") return with_output<model>(line, {command::kind::available}, output_type::number);
    static const std::map<std::string, command::kind, std::less<>> kinds = {{"acquire", command::kind::acquire},
                                                                            {"try_acquire", command::kind::try_acquire},
                                                                            {"acquire_for", command::kind::acquire_for},
                                                                            {"release", command::kind::release}};
    const auto known = kinds.find(line.op);
    if (known == kinds.end()) return no_such_operation(line, "acquire, try_acquire, acquire_for, release, available");
    const auto permits = permits_input(line);
    if (!permits) return tl::unexpected(permits.error());
    const bool answers = known->second == command::kind::try_acquire || known->second == command::kind::acquire_for;
    auto made = with_output<model>(line, {known->second, *permits}, answers ? output_type::truth : output_type::none);
    if (made) made->stuck = pending_is_stuck && !line.returned && known->second == command::kind::acquire;
    return made;
  }
};

struct fair_semaphore_lines {
  using model = models::fair_semaphore;
  using command = model::command;
  std::set<std::int64_t> reused;  ///< ids that are requested or completed more than once

  explicit fair_semaphore_lines(const std::vector<line_operation>& lines) {
    std::set<std::int64_t> requested;
    std::set<std::int64_t> done;
    for (const line_operation& line : lines) {
      if (line.op == "acq_req" && line.input.is(kind::list) && !line.input.list.empty())
        note(line.input.list[0], requested);
      if (line.op == "acq_done" && line.input.is(kind::number)) note(line.input.number, done);
    }
  }

  translated<model> operator()(const line_operation& line) const {
    if (line.op == "available") return with_output<model>(line, {command::kind::available}, output_type::number);
    if (line.op == "acq_req") {
      const auto both = pair_input(line, "[id,permits]");
      if (!both) return tl::unexpected(both.error());
      if (both->second < 0) return wrong(line, "input", "[id,permits] with permits not negative");
      return with_output<model>(line, {command::kind::request, both->first, both->second}, output_type::none);
    }
    if (line.op == "release") {
      const auto permits = permits_input(line);
      if (!permits) return tl::unexpected(permits.error());
      return with_output<model>(line, {command::kind::release, 0, *permits}, output_type::none);
    }
    const bool done = line.op == "acq_done";
    if (!done && line.op != "cancel") return no_such_operation(line, "acq_req, acq_done, cancel, release, available");
    const auto id = number_input(line);
    if (!id) return tl::unexpected(id.error());
    if (done) return with_output<model>(line, {command::kind::done, *id, 0, reused.count(*id) > 0}, output_type::none);
    return with_output<model>(line, {command::kind::cancel, *id}, output_type::truth);
  }

 private:
  void note(std::int64_t id, std::set<std::int64_t>& seen) {
    if (!seen.insert(id).second) reused.insert(id);
  }
};

struct buffered_register_lines {
  using model = models::buffered_register;
  using command = model::command;
  translated<model> operator()(const line_operation& line) const {
    if (line.op == "read") return with_output<model>(line, {command::kind::read}, output_type::number);
    if (line.op == "sync") return with_output<model>(line, {command::kind::sync}, output_type::none);
    if (line.op != "write") return no_such_operation(line, "write, read, sync");
    const auto value = number_input(line);
    if (!value) return tl::unexpected(value.error());
    return with_output<model>(line, {command::kind::write, *value}, output_type::none);
  }
};

template <class Model>
class history_of final : public judged_history {
 public:
  explicit history_of(Model model) : model_(std::move(model)) {}

  template <class Translate>
  tl::expected<void, input_error> read(const std::vector<line_operation>& lines, const Translate& translate) {
    for (const line_operation& line : lines) {
      if (line.is_crash()) continue;
      auto made = translate(line);
      if (!made) return tl::unexpected(input_error{line.line, std::move(made.error())});
      add(line, std::move(*made));
    }
    operations_ = lines_.size();
    for (const line_operation& line : lines) {
      if (!line.is_crash()) continue;
      if (line.returned != line.call)
        return tl::unexpected(input_error{line.line, "a crash must have the same 'call' and 'return'"});
      history_.crash(line.call);
      lines_.push_back({line.line, line.client, line.call, line.returned, false});
    }
    if (const auto bad = history_.malformed()) {
      const std::uint64_t at = bad->where == no_op ? lines_[operations_ + bad->crash].line : lines_[bad->where].line;
      return tl::unexpected(input_error{at, (bad->where == no_op ? "" : "the operation ") + bad->what});
    }
    return {};
  }

  verdict judge(const options& how) const override { return check(model_, history_, how); }
  explanation explain_failure(const verdict& failed, const options& how, const explain_limits& limits) const override {
    return explain(model_, history_, failed, how, limits);
  }
  std::string words(op_id id) const override {
    if (id >= lines_.size()) return "the look at the final state";
    if (id >= operations_) return "crash";
    const auto& op = history_.operations()[id];
    const std::string said = model_.describe(op.request);
    const std::string answered = op.answer ? model_.describe(*op.answer) : "";
    return answered.empty() ? said : said + " -> " + answered;
  }

 private:
  void add(const line_operation& line, request_of<Model> made) {
    const op_id id = history_.invoke(line.client, std::move(made.request), line.call);
    if (line.returned) {
      if (made.answered)
        history_.returns(id, std::move(*made.answered), *line.returned);
      else
        history_.returns_unknown(id, *line.returned);
    }
    if (made.stuck) history_.stuck(id);
    lines_.push_back({line.line, line.client, line.call, line.returned, line.unknown});
  }

  Model model_;
  history<Model> history_;
};

using loaded = tl::expected<std::unique_ptr<judged_history>, input_error>;

template <class Translate>
loaded load(typename Translate::model model, const Translate& translate, const std::vector<line_operation>& lines) {
  auto made = std::make_unique<history_of<typename Translate::model>>(std::move(model));
  if (auto read = made->read(lines, translate); !read) return tl::unexpected(read.error());
  return made;
}

}  // namespace

const std::vector<std::string_view>& file_model_names() {
  static const std::vector<std::string_view> names = {
      "register", "kv", "kvmap", "queue", "set", "semaphore", "semaphore_stuck", "fair_semaphore", "buffered_register"};
  return names;
}

bool is_file_model(std::string_view name) {
  const auto& names = file_model_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool needs_limit(std::string_view name) {
  return name == "semaphore" || name == "semaphore_stuck" || name == "fair_semaphore";
}

loaded load_history(std::string_view name, std::optional<std::int64_t> limit,
                    const std::vector<line_operation>& lines) {
  if (needs_limit(name) && (!limit || *limit < 0))
    return tl::unexpected(
        input_error{0, "model " + std::string(name) + " needs a capacity that is not negative (--limit N)"});
  if (name == "register") return load(models::atomic_register(), register_lines{}, lines);
  if (name == "kv") return load(models::one_key(), key_value_lines<models::one_key>{}, lines);
  if (name == "kvmap") return load(models::key_value_map(), key_value_lines<models::key_value_map>{}, lines);
  if (name == "queue") return load(models::fifo_queue(), queue_lines{}, lines);
  if (name == "set") return load(models::integer_set(), set_lines{}, lines);
  if (name == "semaphore") return load(models::semaphore(*limit), semaphore_lines{false}, lines);
  if (name == "semaphore_stuck") return load(models::semaphore(*limit), semaphore_lines{true}, lines);
  if (name == "fair_semaphore") return load(models::fair_semaphore(*limit), fair_semaphore_lines(lines), lines);
  if (name == "buffered_register") return load(models::buffered_register(), buffered_register_lines{}, lines);
  return tl::unexpected(input_error{0, "no model '" + std::string(name) + "'"});
}

}  // namespace wavetank::lin
