#include <bit>
#include <cstring>

#include "tarn/session/known_files.h"

namespace tarn::session {

namespace {

uint64_t Mixed(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t Word(std::string_view text) {
  uint64_t word = 0;
  std::memcpy(&word, text.data(), std::min<size_t>(text.size(), sizeof(word)));
  return word;
}

bool IsFree(FileKeySet::Key key) { return key.low == 0 && key.high == 0; }

}  // namespace

FileKeySet::Key FileKeySet::KeyOf(std::string_view text) {
  // Two lanes of multiply-and-fold: among a billion files two share a key with a chance below
  // 2^-60.
  uint64_t low = 0xA0761D6478BD642F ^ text.size();
  uint64_t high = 0xE7037ED1A0B428DB + text.size();
  for (; !text.empty(); text.remove_prefix(std::min<size_t>(text.size(), 16))) {
    const uint64_t a = Word(text);
    const uint64_t b = text.size() > 8 ? Word(text.substr(8)) : 0;
    low = Mixed(a ^ low, b ^ 0x8EBC6AF09C88C6E3);
    high = Mixed(b ^ high ^ 0x589965CC75374CC3, a ^ 0x1D8E4E27C47D124F) + std::rotl(high, 23);
  }
  Key key{Mixed(low ^ 0xEB44ACCAB455D165, high | 1), Mixed(high ^ 0x2D358DCCAA6C78A5, low | 1)};
  if (IsFree(key)) key.low = 1;
  return key;
}

void FileKeySet::Reserve(size_t count) {
  const size_t wanted = std::bit_ceil(count + count / 2 + 16);
  if (wanted <= slots_.size()) return;
  std::vector<Key> old(wanted);
  old.swap(slots_);
  for (const Key& key : old) {
    if (!IsFree(key)) slots_[SlotOf(key)] = key;
  }
}

size_t FileKeySet::SlotOf(Key key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = key.low & mask;
  while (!IsFree(slots_[slot]) && !(slots_[slot] == key)) slot = (slot + 1) & mask;
  return slot;
}

void FileKeySet::Insert(Key key) {
  Reserve(size_ + 1);
  Key& slot = slots_[SlotOf(key)];
  if (!IsFree(slot)) return;
  slot = key;
  ++size_;
}

bool FileKeySet::Has(Key key) const { return !slots_.empty() && !IsFree(slots_[SlotOf(key)]); }

}  // namespace tarn::session
