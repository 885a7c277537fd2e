{-# LANGUAGE LambdaCase #-}
-- | The shop.
module Shop.Order (Order (..), total) where

import Data.List (sort)
import qualified Data.Map as Map

-- | An order.
data Order = Order
  { name :: String
  , lines' :: [Int]
  }
  deriving (Show)

newtype Id = Id Int

class Priced a where
  price :: a -> Int

instance Priced Order where
  price = total

-- | The total.
total :: Order -> Int
total (Order _ []) = 0
total (Order _ xs) = sum xs

main :: IO ()
main = do
  print (total (Order "a" [1]))
