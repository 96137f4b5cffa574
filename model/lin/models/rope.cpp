#include <wavetank/model/lin/models/rope.h>

#include <algorithm>
#include <utility>

namespace wavetank::lin::models {
namespace {
// Odd, so that no power of it vanishes modulo 2^64.
constexpr std::uint64_t base = 0x5851F42D4C957F2DULL;
}  // namespace

// A chain is as long as a history: unlink it in a loop, recursion would use up the stack.
rope::node::~node() {
  std::shared_ptr<node> next = std::move(parent);
  while (next && next.use_count() == 1) {
    std::shared_ptr<node> after = std::move(next->parent);
    next = std::move(after);
  }
}

rope::rope(std::string_view characters) {
  if (characters.empty()) return;
  text piece{std::string(characters), 0, 1};
  for (const char c : characters) {
    piece.hash = piece.hash * base + static_cast<unsigned char>(c) + 1;
    piece.shift *= base;
  }
  last_ = grow(nullptr, std::make_shared<const text>(std::move(piece)));
}

std::shared_ptr<rope::node> rope::grow(const std::shared_ptr<node>& head, const std::shared_ptr<const text>& piece) {
  const std::size_t size = (head ? head->size : 0) + piece->characters.size();
  const std::uint64_t hash = (head ? head->hash : 0) * piece->shift + piece->hash;
  return std::make_shared<node>(head, piece, size, hash);
}

rope rope::append(const rope& tail) const {
  std::vector<const node*> pieces;
  for (const node* n = tail.last_.get(); n != nullptr; n = n->parent.get()) pieces.push_back(n);
  rope whole = *this;
  for (auto it = pieces.rbegin(); it != pieces.rend(); ++it) whole.last_ = grow(whole.last_, (*it)->piece);
  return whole;
}

std::string rope::str() const {
  std::vector<const node*> pieces;
  for (const node* n = last_.get(); n != nullptr; n = n->parent.get()) pieces.push_back(n);
  std::string whole;
  whole.reserve(size());
  for (auto it = pieces.rbegin(); it != pieces.rend(); ++it) whole += (*it)->piece->characters;
  return whole;
}

std::vector<std::uint64_t> rope::beginnings() const {
  const std::string whole = str();
  std::vector<std::uint64_t> hashes{0};
  hashes.reserve(whole.size() + 1);
  for (const char c : whole) hashes.push_back(hashes.back() * base + static_cast<unsigned char>(c) + 1);
  return hashes;
}

bool operator==(const rope& a, const rope& b) {
  if (a.size() != b.size() || hash_value(a) != hash_value(b)) return false;
  const rope::node* x = a.last_.get();
  const rope::node* y = b.last_.get();
  std::size_t x_left = x != nullptr ? x->piece->characters.size() : 0;
  std::size_t y_left = y != nullptr ? y->piece->characters.size() : 0;
  while (x != y || x_left != y_left) {
    const std::size_t length = std::min(x_left, y_left);
    const std::string_view from_x = std::string_view(x->piece->characters).substr(x_left - length, length);
    const std::string_view from_y = std::string_view(y->piece->characters).substr(y_left - length, length);
    if (from_x != from_y) return false;
    x_left -= length;
    y_left -= length;
    if (x_left == 0) {
      x = x->parent.get();
      x_left = x != nullptr ? x->piece->characters.size() : 0;
    }
    if (y_left == 0) {
      y = y->parent.get();
      y_left = y != nullptr ? y->piece->characters.size() : 0;
    }
  }
  return true;
}

}  // namespace wavetank::lin::models
