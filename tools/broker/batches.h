// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::broker {

// What threads ask for at once is done together, because a disk syncs many changes as fast as one:
// while a batch is on its way, the next one gathers, and a thread that finds nobody at work does it
// for all. Thread-safe.
template <typename Item>
class Batches {
 public:
  // Does all of a batch, in the order in which it was asked for, or throws for all of it. Never on
  // two threads at once.
  using Work = std::function<void(const std::vector<Item*>& items)>;

  Batches(Work work, std::chrono::milliseconds patience)
      : work_(std::move(work)), patience_(patience) {}

  // Returns once the item's batch is done. Throws what that threw, or Status::io if the batches
  // before it took longer than the patience.
  void run(Item item) {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    Asked mine{std::move(item), Step::waiting, std::nullopt};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&mine);
    while (mine.step != Step::done) {
      if (!busy_) {
        lead(lock);
      } else if (mine.step == Step::begun) {
        changed_.wait(lock);
      } else if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
        give_up(mine);
      }
    }
    if (mine.error) throw core::Error(*mine.error);
  }

 private:
  enum class Step { waiting, begun, done };
  struct Asked {
    Item item;
    Step step;
    std::optional<core::Error> error;
  };

  void lead(std::unique_lock<std::mutex>& lock) {
    busy_ = true;
    const std::vector<Asked*> batch = std::exchange(waiting_, {});
    for (Asked* asked : batch) asked->step = Step::begun;
    lock.unlock();
    const std::optional<core::Error> error = error_of(batch);
    lock.lock();
    for (Asked* asked : batch) {
      asked->error = error;
      asked->step = Step::done;
    }
    busy_ = false;
    changed_.notify_all();
  }

  // A copy, since each thread throws it for itself.
  [[nodiscard]] std::optional<core::Error> error_of(const std::vector<Asked*>& batch) const {
    try {
      std::vector<Item*> items;
      items.reserve(batch.size());
      for (Asked* asked : batch) items.push_back(&asked->item);
      work_(items);
      return std::nullopt;
    } catch (const core::Error& error) {
      return error;
    } catch (const std::bad_alloc&) {
      return core::make_error(core::Status::no_memory, "out of memory");
    } catch (const std::exception& error) {
      return core::make_error(core::Status::internal, "%s", error.what());
    }
  }

  void give_up(Asked& mine) {
    if (mine.step != Step::waiting || !busy_) return;
    std::erase(waiting_, &mine);
    mine.error = core::make_error(core::Status::io, "those who came before took too long");
    mine.step = Step::done;
  }

  const Work work_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Asked*> waiting_;
  bool busy_ = false;
};

}  // namespace oskbc::broker
