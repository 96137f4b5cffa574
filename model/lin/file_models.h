// The models that history files name, and a history file made ready to be judged by one of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include <wavetank/model/lin/explain.h>
#include <wavetank/model/lin/history_parser.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

/// A history together with its model. Ids in verdicts and explanations are positions in `lines`.
class judged_history {
 public:
  virtual ~judged_history() = default;
  [[nodiscard]] virtual verdict judge(const options& how) const = 0;
  [[nodiscard]] virtual explanation explain_failure(const verdict& failed, const options& how,
                                                    const explain_limits& limits) const = 0;
  /// The operation in words, with what it returned.
  [[nodiscard]] virtual std::string words(op_id id) const = 0;

  /// What an id stands for: a line of the file, or 0 for the look at the final state.
  [[nodiscard]] std::uint64_t line(op_id id) const { return id < lines_.size() ? lines_[id].line : 0; }
  struct place {
    std::uint64_t line;
    std::int64_t client;
    instant call;
    std::optional<instant> returned;
    bool unknown;
  };
  [[nodiscard]] const std::vector<place>& lines() const noexcept { return lines_; }
  [[nodiscard]] std::size_t operations() const noexcept { return operations_; }
  [[nodiscard]] std::size_t crashes() const noexcept { return lines_.size() - operations_; }

 protected:
  std::vector<place> lines_;  ///< operations in file order, then crash marks
  std::size_t operations_ = 0;
};

/// The names that `load_history` takes, in the order of the documentation.
[[nodiscard]] const std::vector<std::string_view>& file_model_names();
[[nodiscard]] bool is_file_model(std::string_view name);
/// Whether the model has a capacity that must be given.
[[nodiscard]] bool needs_limit(std::string_view name);

/// Reads the operations in the terms of the model `name`; `limit` is the capacity, for models that have one.
[[nodiscard]] tl::expected<std::unique_ptr<judged_history>, input_error> load_history(
    std::string_view name, std::optional<std::int64_t> limit, const std::vector<line_operation>& lines);

}  // namespace wavetank::lin
