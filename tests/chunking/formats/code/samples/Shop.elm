module Shop exposing (Order, total)

import Html exposing (Html, text)
import List


{-| An order.
-}
type alias Order =
    { name : String
    , prices : List Int
    }


type Msg
    = Add Int
    | Clear


{-| The total.
-}
total : Order -> Int
total order =
    List.sum order.prices


update : Msg -> Order -> Order
update msg order =
    case msg of
        Add price ->
            { order | prices = price :: order.prices }

        Clear ->
            { order | prices = [] }
