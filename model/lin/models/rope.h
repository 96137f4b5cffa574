// An immutable string that appends without copying and compares without reading, for models whose states are long
// strings that grow piece by piece.
//
// A rope is a chain of pieces, newest first; ropes share their beginnings. Each knows its length and a polynomial hash
// of its characters, so equal text has equal hash however it was put together: different texts are told apart in O(1)
// (up to a collision), equal ones are compared character by character up to the piece that they share. Never a guess.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank::lin::models {

class rope {
 public:
  rope() = default;
  explicit rope(std::string_view text);

  /// This text followed by the other's. O(pieces of the other), one for a rope made from a string.
  [[nodiscard]] rope append(const rope& tail) const;

  [[nodiscard]] std::size_t size() const noexcept { return last_ ? last_->size : 0; }
  [[nodiscard]] std::string str() const;
  /// The hashes of all beginnings of the text, by length, the empty one and the whole included. O(size).
  [[nodiscard]] std::vector<std::uint64_t> beginnings() const;

  friend bool operator==(const rope& a, const rope& b);
  friend std::size_t hash_value(const rope& r) noexcept {
    return r.last_ ? static_cast<std::size_t>(r.last_->hash) : 0;
  }

  /// Bytes of the newest piece: what a rope adds to those whose beginning it shares.
  [[nodiscard]] std::size_t own_bytes() const noexcept { return last_ ? sizeof(node) + 2 * sizeof(void*) : 0; }

 private:
  struct text {
    std::string characters;
    std::uint64_t hash;
    std::uint64_t shift;  ///< base to the power of the length: what appending this does to a hash before it
  };
  struct node {
    node(std::shared_ptr<node> before, std::shared_ptr<const text> newest, std::size_t length, std::uint64_t sum)
        : parent(std::move(before)), piece(std::move(newest)), size(length), hash(sum) {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node();
    std::shared_ptr<node> parent;
    std::shared_ptr<const text> piece;  ///< not empty
    std::size_t size;
    std::uint64_t hash;
  };

  [[nodiscard]] static std::shared_ptr<node> grow(const std::shared_ptr<node>& head,
                                                  const std::shared_ptr<const text>& piece);

  std::shared_ptr<node> last_;  ///< null: empty
};

}  // namespace wavetank::lin::models
