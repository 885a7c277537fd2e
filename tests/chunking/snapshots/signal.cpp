#include <map>
#include <optional>
#include <string>

namespace harbour {

/// A flag of the international code.
struct Flag {
    char letter;
    std::string meaning;
};

template <typename Key, typename Value>
class Book {
public:
    void add(Key key, Value value) { entries_.emplace(std::move(key), std::move(value)); }

    /// Nothing if there is no such entry.
    std::optional<Value> find(const Key& key) const
    {
        auto found = entries_.find(key);
        if (found == entries_.end())
            return std::nullopt;
        return found->second;
    }

private:
    std::map<Key, Value> entries_;
};

Book<char, Flag> flags()
{
    Book<char, Flag> book;
    book.add('A', {'A', "I have a diver down; keep well clear at slow speed."});
    book.add('B', {'B', "I am taking in, discharging or carrying dangerous goods."});
    book.add('D', {'D', "Keep clear of me; I am manoeuvring with difficulty."});
    return book;
}

}  // namespace harbour
